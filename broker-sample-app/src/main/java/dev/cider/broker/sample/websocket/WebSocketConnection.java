package dev.cider.broker.sample.websocket;

import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import dev.cider.broker.sample.exchange.Client;
import dev.cider.broker.sample.exchange.Exchange;
import dev.cider.broker.sample.netty.NettyConnection;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import org.jspecify.annotations.Nullable;

/**
 * The connection of one client: passes received text messages to the exchange, and sends
 * each frame of the exchange as a text message.
 * <p>
 * When the server ends it, the server sends a close frame that says why, and goes on
 * reading for a moment. If it closed the socket with unread bytes in it, TCP would reset
 * the connection, and the client could lose the close frame.
 */
final class WebSocketConnection extends NettyConnection<WebSocketFrame> {

	/** How long a client may take for the handshake. */
	private static final long HANDSHAKE_SECONDS = 10;

	/** How long a client may take to answer the server's close frame. */
	private static final long LINGER_SECONDS = 2;

	/**
	 * Closes the connection, if there is no handshake in time. Only on the event loop.
	 */
	private @Nullable Future<?> handshake;

	/** Only on the event loop. */
	private boolean saidGoodbye;

	WebSocketConnection(WebSocketEndpoint endpoint, Exchange exchange) {
		super(endpoint, exchange);
	}

	@Override
	protected void opened(ChannelHandlerContext context) {
		this.handshake = context.executor().schedule(() -> context.close(), HANDSHAKE_SECONDS, TimeUnit.SECONDS);
	}

	@Override
	public void channelInactive(ChannelHandlerContext context) {
		super.channelInactive(context);
		endHandshake();
	}

	/**
	 * Cancels the timer, which would keep a closed connection in memory.
	 */
	private void endHandshake() {
		if (this.handshake != null) {
			this.handshake.cancel(false);
		}
	}

	@Override
	protected void sayCrowded(Channel channel) {
		if (client() == null) {
			HandshakeGuard.refuse(channel, HttpResponseStatus.SERVICE_UNAVAILABLE, "There are too many connections");
		}
		else {
			channel.writeAndFlush(new CloseWebSocketFrame(WebSocketCloseStatus.TRY_AGAIN_LATER));
		}
	}

	/**
	 * Called when the handshake has ended.
	 * @param channel the channel of the client
	 * @param shaken whether the handshake succeeded
	 */
	void open(Channel channel, boolean shaken) {
		if (shaken) {
			endHandshake();
			attach(channel);
		}
		else {
			channel.close();
		}
	}

	@Override
	protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
		Client client = client();
		if (frame instanceof CloseWebSocketFrame close) {
			answerGoodbye(context.channel(), close.statusCode());
		}
		else if (client == null || this.saidGoodbye) {
			return;
		}
		else if (frame instanceof TextWebSocketFrame text) {
			spoke();
			client.receive(text.text());
		}
		else if (frame instanceof PingWebSocketFrame ping) {
			context.writeAndFlush(new PongWebSocketFrame(ping.content().retain()));
		}
		else if (frame instanceof BinaryWebSocketFrame) {
			sayGoodbye(context.channel(), WebSocketCloseStatus.INVALID_MESSAGE_TYPE);
		}
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
		if (cause instanceof CorruptedWebSocketFrameException corrupted) {
			sayGoodbye(context.channel(), corrupted.closeStatus());
		}
		else if (cause instanceof TooLongFrameException) {
			sayGoodbye(context.channel(), WebSocketCloseStatus.MESSAGE_TOO_BIG);
		}
		else {
			super.exceptionCaught(context, cause);
		}
	}

	@Override
	protected Object encode(ByteBufAllocator allocator, String frame) {
		return new TextWebSocketFrame(ByteBufUtil.writeUtf8(allocator, frame));
	}

	@Override
	public void close() {
		sayGoodbye(WebSocketCloseStatus.NORMAL_CLOSURE);
	}

	/**
	 * Ends the connection from any thread.
	 */
	void sayGoodbye(WebSocketCloseStatus status) {
		onLoop((channel) -> sayGoodbye(channel, status));
	}

	private void sayGoodbye(Channel channel, WebSocketCloseStatus status) {
		if (!this.saidGoodbye) {
			this.saidGoodbye = true;
			leave();
			channel.config().setAutoRead(true);
			channel.writeAndFlush(new CloseWebSocketFrame(status));
			channel.eventLoop().schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
		}
	}

	/**
	 * Answers the client's close frame with the same status; or, if the server sent its
	 * close frame first, closes the channel.
	 */
	private void answerGoodbye(Channel channel, int status) {
		if (this.saidGoodbye) {
			channel.close();
			return;
		}
		this.saidGoodbye = true;
		leave();
		boolean given = WebSocketCloseStatus.isValidStatusCode(status);
		channel
			.writeAndFlush(new CloseWebSocketFrame(
					given ? WebSocketCloseStatus.valueOf(status) : WebSocketCloseStatus.NORMAL_CLOSURE))
			.addListener((written) -> channel.close());
	}

}
