package dev.cider.broker.sample.tcp;

import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

import dev.cider.broker.sample.exchange.Client;
import dev.cider.broker.sample.exchange.ErrorCode;
import dev.cider.broker.sample.exchange.Exchange;
import dev.cider.broker.sample.netty.NettyConnection;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.timeout.ReadTimeoutHandler;

/**
 * The connection of one client: passes each received line to the exchange, and sends each
 * frame of the exchange as a line.
 */
final class TcpConnection extends NettyConnection<ByteBuf> {

	/**
	 * How long a client that has ended its output may wait for its answers. The server
	 * cannot tell it from a client that has disconnected.
	 */
	private static final int LINGER_SECONDS = 30;

	private final int maxLineLength;

	private static final String CROWDED = "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":"
			+ ErrorCode.LIMIT_REACHED + ",\"message\":\"there are too many connections\"}}";

	TcpConnection(TcpEndpoint endpoint, Exchange exchange, int maxLineLength) {
		super(endpoint, exchange);
		this.maxLineLength = maxLineLength;
	}

	@Override
	protected void opened(ChannelHandlerContext context) {
		attach(context.channel());
	}

	@Override
	protected void sayCrowded(Channel channel) {
		channel.writeAndFlush(encode(channel.alloc(), CROWDED));
	}

	@Override
	protected void channelRead0(ChannelHandlerContext context, ByteBuf line) {
		Client client = client();
		if (client == null || !line.isReadable()) {
			return;
		}
		spoke();
		if (line.readableBytes() > this.maxLineLength) {
			refuseLongLine(client);
			return;
		}
		String frame;
		try {
			frame = StandardCharsets.UTF_8.newDecoder().decode(line.nioBuffer()).toString();
		}
		catch (CharacterCodingException ex) {
			client.receiveUnreadable("a line is not UTF-8");
			return;
		}
		client.receive(frame);
	}

	/**
	 * Ends the connection of a client that speaks another protocol.
	 */
	void refuseProtocol() {
		Client client = client();
		if (client != null) {
			client.receiveUnreadable("this is another protocol: here a line is a JSON-RPC message");
			client.detach();
		}
		close();
	}

	@Override
	public void userEventTriggered(ChannelHandlerContext context, Object event) {
		Client client = client();
		if (event instanceof ChannelInputShutdownEvent && client != null) {
			client.endInput();
			context.pipeline().addFirst(new ReadTimeoutHandler(LINGER_SECONDS));
		}
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
		Client client = client();
		if (cause instanceof TooLongFrameException && client != null) {
			// The decoder skips the rest of the line, so the connection can go on
			refuseLongLine(client);
			return;
		}
		super.exceptionCaught(context, cause);
	}

	@Override
	protected Object encode(ByteBufAllocator allocator, String frame) {
		ByteBuf line = allocator.buffer(ByteBufUtil.utf8MaxBytes(frame.length()) + 1);
		ByteBufUtil.writeUtf8(line, frame);
		return line.writeByte('\n');
	}

	@Override
	public void close() {
		onLoop((channel) -> channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE));
	}

	private void refuseLongLine(Client client) {
		client.receiveUnreadable("a line is over the limit of " + this.maxLineLength + " bytes");
	}

}
