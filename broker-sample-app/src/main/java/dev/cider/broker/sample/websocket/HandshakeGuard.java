package dev.cider.broker.sample.websocket;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocketHandshakeException;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshakerFactory;
import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;

/**
 * Accepts WebSocket handshakes, but not those of web pages of other hosts. A browser lets
 * any page connect to any address, but sends the origin of the page. Only localhost and
 * IP addresses count as an own origin: any other host name can be made to resolve to this
 * address.
 */
final class HandshakeGuard extends SimpleChannelInboundHandler<FullHttpRequest> {

	private static final String VERSION = "13";

	private final WebSocketServerHandshakerFactory handshakers;

	private final WebSocketConnection connection;

	HandshakeGuard(WebSocketServerHandshakerFactory handshakers, WebSocketConnection connection) {
		this.handshakers = handshakers;
		this.connection = connection;
	}

	@Override
	protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
		HttpHeaders headers = request.headers();
		if (request.decoderResult().isFailure()) {
			refuse(context.channel(), HttpResponseStatus.BAD_REQUEST, "This is no HTTP request");
		}
		else if (!headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)
				|| !headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true)
				|| !VERSION.equals(headers.get(HttpHeaderNames.SEC_WEBSOCKET_VERSION))) {
			refuse(context.channel(), HttpResponseStatus.UPGRADE_REQUIRED,
					"Only WebSocket, version 13, is spoken here");
		}
		else if (!isOwn(headers.get(HttpHeaderNames.ORIGIN), context.channel().localAddress())) {
			refuse(context.channel(), HttpResponseStatus.FORBIDDEN, "Pages of other hosts may not speak here");
		}
		else if (!WebSocketEndpoint.PATH.equals(request.uri())) {
			refuse(context.channel(), HttpResponseStatus.NOT_FOUND, "The path is " + WebSocketEndpoint.PATH);
		}
		else {
			shakeHands(context, request);
		}
	}

	private void shakeHands(ChannelHandlerContext context, FullHttpRequest request) {
		Channel channel = context.channel();
		try {
			this.handshakers.newHandshaker(request)
				.handshake(channel, request)
				.addListener((shaken) -> this.connection.open(channel, shaken.isSuccess()));
		}
		catch (WebSocketHandshakeException ex) {
			refuse(channel, HttpResponseStatus.BAD_REQUEST, "The handshake lacks something");
		}
	}

	/**
	 * Whether a page comes from the machine itself or from the address that was called.
	 * @param origin the Origin header, which browsers send; {@code null} without one
	 * @param local the address that was called
	 */
	static boolean isOwn(@Nullable String origin, SocketAddress local) {
		if (origin == null) {
			return true;
		}
		String host;
		try {
			host = URI.create(origin).getHost();
		}
		catch (IllegalArgumentException ex) {
			return false;
		}
		if (host == null) {
			return false;
		}
		if (host.toLowerCase(Locale.ROOT).equals("localhost")) {
			return true;
		}
		// Never a DNS look-up: only a literal IP address counts
		InetAddress from = NetUtil.createInetAddressFromIpAddressString(host);
		return from != null && (from.isLoopbackAddress()
				|| (local instanceof InetSocketAddress called && from.equals(called.getAddress())));
	}

	static void refuse(Channel channel, HttpResponseStatus status, String reason) {
		FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status,
				Unpooled.copiedBuffer(reason + "\n", StandardCharsets.UTF_8));
		response.headers()
			.set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
			.set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
			.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
		if (status.equals(HttpResponseStatus.UPGRADE_REQUIRED)) {
			response.headers()
				.set(HttpHeaderNames.CONNECTION, "close, upgrade")
				.set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET)
				.set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, VERSION);
		}
		channel.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
	}

}
