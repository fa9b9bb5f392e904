package dev.cider.broker.sample.tcp;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.cider.broker.sample.exchange.Client;
import dev.cider.broker.sample.exchange.Exchange;
import dev.cider.broker.sample.exchange.Link;
import dev.cider.broker.sample.exchange.RequestedCrashException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.TooLongFrameException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection, seen from both sides: lines that come in go to the exchange,
 * frames of the exchange go out as lines.
 */
final class TcpConnection extends SimpleChannelInboundHandler<ByteBuf> implements Link {

	private static final Logger logger = LoggerFactory.getLogger(TcpConnection.class);

	/**
	 * What may wait for a client that does not read. Its own requests cannot fill that,
	 * since they are not read meanwhile; calls to it as a provider can.
	 */
	private static final long MAX_UNSENT = 8 * 1024 * 1024;

	/**
	 * How long a client that sends nothing any more may wait for its answers. It looks
	 * the same as one that is gone altogether.
	 */
	private static final long LINGER_SECONDS = 30;

	private final TcpEndpoint endpoint;

	private final Exchange exchange;

	private final int maxLineLength;

	/** Set before anything can come in or go out. */
	private @Nullable Channel channel;

	private @Nullable Client client;

	/** Closes the connection, if its input has ended. */
	private @Nullable Future<?> linger;

	TcpConnection(TcpEndpoint endpoint, Exchange exchange, int maxLineLength) {
		this.endpoint = endpoint;
		this.exchange = exchange;
		this.maxLineLength = maxLineLength;
	}

	@Override
	public void channelActive(ChannelHandlerContext context) {
		this.channel = context.channel();
		this.client = this.exchange.attach(this);
	}

	@Override
	protected void channelRead0(ChannelHandlerContext context, ByteBuf line) {
		Client client = this.client;
		if (client == null || !line.isReadable()) {
			return;
		}
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
		if (frame.endsWith(" HTTP/1.1") || frame.endsWith(" HTTP/1.0")) {
			// A web page can make a browser post to any local port, and the body of that
			// request would be our next lines. Detached, they mean nothing.
			client.detach();
			close();
		}
	}

	@Override
	public void channelWritabilityChanged(ChannelHandlerContext context) {
		// Who does not read answers may ask no more
		context.channel().config().setAutoRead(context.channel().isWritable());
	}

	@Override
	public void userEventTriggered(ChannelHandlerContext context, Object event) {
		if (event instanceof ChannelInputShutdownEvent && this.client != null) {
			this.client.endInput();
			this.linger = context.executor().schedule(() -> context.close(), LINGER_SECONDS, TimeUnit.SECONDS);
		}
	}

	@Override
	public void channelInactive(ChannelHandlerContext context) {
		if (this.client != null) {
			this.client.detach();
		}
		if (this.linger != null) {
			this.linger.cancel(false);
		}
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
		if (cause instanceof TooLongFrameException && this.client != null) {
			// The decoder skips the rest of the line, so the connection can go on
			refuseLongLine(this.client);
			return;
		}
		if (cause instanceof Error) {
			// Not the client's fault: out of memory, a broken class path
			this.endpoint.crash(new IllegalStateException("The event loop failed", cause));
		}
		else if (cause instanceof IOException) {
			logger.debug("{} broke", this, cause);
		}
		else {
			logger.warn("{} failed", this, cause);
		}
		context.close();
	}

	@Override
	public void send(String frame) {
		onLoop((channel) -> {
			if (!channel.isOpen()) {
				return;
			}
			if (channel.bytesBeforeWritable() > MAX_UNSENT) {
				logger.warn("{} does not read what it is sent, so it is closed", this);
				channel.close();
				return;
			}
			ByteBuf line = channel.alloc().buffer(ByteBufUtil.utf8MaxBytes(frame.length()) + 1);
			ByteBufUtil.writeUtf8(line, frame);
			channel.writeAndFlush(line.writeByte('\n'), channel.voidPromise());
		});
	}

	@Override
	public void close() {
		onLoop((channel) -> channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE));
	}

	@Override
	public void crash(RequestedCrashException cause) {
		this.endpoint.crash(cause);
	}

	@Override
	public String toString() {
		return "Connection " + ((this.channel != null) ? this.channel.remoteAddress() : "(new)");
	}

	/**
	 * Does something on the event loop, even if that is where we are: Netty keeps the
	 * order only of what takes the same way.
	 */
	private void onLoop(Consumer<Channel> deed) {
		Channel channel = this.channel;
		if (channel == null || !channel.isOpen()) {
			return;
		}
		try {
			channel.eventLoop().execute(() -> deed.accept(channel));
		}
		catch (RejectedExecutionException ex) {
			logger.debug("{} is closed with its endpoint", this, ex);
		}
	}

	private void refuseLongLine(Client client) {
		client.receiveUnreadable("a line is over the limit of " + this.maxLineLength + " bytes");
	}

}
