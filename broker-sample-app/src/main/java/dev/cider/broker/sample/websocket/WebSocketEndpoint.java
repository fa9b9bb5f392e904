package dev.cider.broker.sample.websocket;

import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

import dev.cider.broker.EndpointContext;
import dev.cider.broker.sample.exchange.Exchange;
import dev.cider.broker.sample.netty.NettyEndpoint;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.group.ChannelGroup;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;

/**
 * A WebSocket server whose clients talk to an {@link Exchange}, one JSON-RPC frame a text
 * message. When the server closes, it sends each client a close frame with status 1001.
 */
public final class WebSocketEndpoint extends NettyEndpoint {

	static final String PATH = "/";

	private static final int MAX_HTTP_BODY = 4096;

	/** How long the server waits for the clients to answer its close frame. */
	private static final long GOODBYE_MILLIS = 500;

	private final Exchange exchange;

	private final WebSocketServerHandshakerFactory handshakers;

	private final int maxMessageLength;

	/**
	 * Creates a server that does not listen yet.
	 * @param context tells the broker of readiness and heartbeats
	 * @param exchange serves the clients
	 * @param address the address to listen on; port 0 for any free port
	 * @param maxMessageLength how many bytes a message may have, all its fragments
	 * together
	 * @param maxConnections how many connections are served at once
	 */
	public WebSocketEndpoint(EndpointContext context, Exchange exchange, InetSocketAddress address,
			int maxMessageLength, int maxConnections) {
		super(context, address, maxConnections);
		this.exchange = exchange;
		this.maxMessageLength = maxMessageLength;
		// WebSocketConnection closes with the right status: Netty would cut off a client
		// that is still sending, and the client would never see why
		this.handshakers = new WebSocketServerHandshakerFactory(PATH, null,
				WebSocketDecoderConfig.newBuilder()
					.maxFramePayloadLength(maxMessageLength)
					.closeOnProtocolViolation(false)
					.build());
	}

	@Override
	protected void accept(Channel channel) {
		WebSocketConnection connection = new WebSocketConnection(this, this.exchange);
		channel.pipeline().addLast(new HttpServerCodec()).addLast(new HttpObjectAggregator(MAX_HTTP_BODY) {

			@Override
			protected void handleOversizedMessage(ChannelHandlerContext context, HttpMessage oversized) {
				// Netty would read until the end of the body, which may never come
				HandshakeGuard.refuse(channel, HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
						"Nothing is to be posted here");
			}

		})
			.addLast(new HandshakeGuard(this.handshakers, connection))
			.addLast(new Utf8FrameValidator(false))
			.addLast(new WebSocketFrameAggregator(this.maxMessageLength))
			.addLast(connection);
	}

	@Override
	protected void sayGoodbye(ChannelGroup connections) throws InterruptedException {
		for (Channel channel : connections) {
			WebSocketConnection connection = channel.pipeline().get(WebSocketConnection.class);
			if (connection != null) {
				connection.sayGoodbye(WebSocketCloseStatus.ENDPOINT_UNAVAILABLE);
			}
		}
		connections.newCloseFuture().await(GOODBYE_MILLIS, TimeUnit.MILLISECONDS);
	}

}
