package dev.cider.broker.sample.netty;

import java.io.IOException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

import dev.cider.broker.sample.exchange.Client;
import dev.cider.broker.sample.exchange.Exchange;
import dev.cider.broker.sample.exchange.Link;
import dev.cider.broker.sample.exchange.RequestedCrashException;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.timeout.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection, seen from both sides: what comes in goes to the exchange,
 * frames of the exchange go out.
 *
 * @param <I> what comes in
 */
public abstract class NettyConnection<I> extends SimpleChannelInboundHandler<I> implements Link {

	private static final Logger logger = LoggerFactory.getLogger(NettyConnection.class);

	/**
	 * What may wait for a client that does not read. Its own requests cannot fill that,
	 * since they are not read meanwhile; calls to it as a provider can.
	 */
	private static final long MAX_UNSENT = 8 * 1024 * 1024;

	/** How much may wait for the end of a burst, to be sent with it. */
	private static final long MAX_BURST = 256 * 1024;

	private final NettyEndpoint endpoint;

	private final Exchange exchange;

	/** Set before anything can come in or go out. */
	private @Nullable Channel channel;

	private @Nullable Client client;

	/** Frames that the event loop has yet to take: together they cost one system call. */
	private final Queue<String> unsent = new ConcurrentLinkedQueue<>();

	/** How many characters they have, about. */
	private final AtomicLong unsentLength = new AtomicLong();

	/** Whether the event loop knows that there are any. */
	private final AtomicBoolean announced = new AtomicBoolean();

	/** Nothing more goes out. Only on the event loop. */
	private boolean over;

	/**
	 * Creates a connection whose client is not attached yet.
	 * @param endpoint the server that accepted it
	 * @param exchange what the client is to talk to
	 */
	protected NettyConnection(NettyEndpoint endpoint, Exchange exchange) {
		this.endpoint = endpoint;
		this.exchange = exchange;
	}

	/**
	 * Makes the client one of the exchange.
	 * @param channel the way to it
	 */
	protected final void attach(Channel channel) {
		this.channel = channel;
		this.client = this.exchange.attach(this);
	}

	/**
	 * Says that the client has sent something whole, so that it is no mere connection.
	 */
	protected final void spoke() {
		this.endpoint.connectionLimit().spoke(this);
	}

	/**
	 * Says that the connection is open, and one of those that are served.
	 * @param context the connection's
	 */
	protected abstract void opened(ChannelHandlerContext context);

	/**
	 * Tells a client that there are too many, as far as it can be told.
	 * @param channel the way to it, which is closed afterwards
	 */
	protected abstract void sayCrowded(Channel channel);

	/**
	 * Ends a connection at once, since there are too many.
	 */
	final void turnAway(Channel channel) {
		sayCrowded(channel);
		channel.close();
	}

	/**
	 * Takes the client from the exchange, while the channel is still open. On the event
	 * loop.
	 */
	protected final void leave() {
		this.over = true;
		if (this.client != null) {
			this.client.detach();
		}
	}

	/**
	 * The client, once it is attached.
	 * @return {@code null} before
	 */
	protected final @Nullable Client client() {
		return this.client;
	}

	/**
	 * Makes of a frame what the channel takes.
	 * @param allocator makes buffers
	 * @param frame the frame
	 * @return what to write
	 */
	protected abstract Object encode(ByteBufAllocator allocator, String frame);

	@Override
	public final void channelWritabilityChanged(ChannelHandlerContext context) {
		// Who does not read answers may ask no more
		context.channel().config().setAutoRead(context.channel().isWritable());
	}

	@Override
	public final void channelActive(ChannelHandlerContext context) {
		if (this.endpoint.connectionLimit().enter(this, context.channel())) {
			opened(context);
		}
		else {
			turnAway(context.channel());
		}
	}

	@Override
	public void channelInactive(ChannelHandlerContext context) {
		this.endpoint.connectionLimit().leave(this);
		leave();
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
		if (cause instanceof Error) {
			// Not the client's fault: out of memory, a broken class path
			this.endpoint.crash(new IllegalStateException("The event loop failed", cause));
		}
		else if (cause instanceof IOException || cause instanceof TimeoutException) {
			logger.debug("{} broke", this, cause);
		}
		else {
			logger.warn("{} failed", this, cause);
		}
		context.close();
	}

	@Override
	public final void send(String frame) {
		this.unsent.add(frame);
		Channel channel = this.channel;
		if (this.unsentLength.addAndGet(frame.length()) > MAX_BURST && channel != null
				&& channel.eventLoop().inEventLoop()) {
			// The answers to what came in at once, and there is more of it: see whether
			// the client reads them.
			sendAll(channel);
		}
		else if (this.announced.compareAndSet(false, true)) {
			onLoop(this::sendAll);
		}
	}

	private void sendAll(Channel channel) {
		this.announced.set(false);
		for (String frame = this.unsent.poll(); frame != null; frame = this.unsent.poll()) {
			this.unsentLength.addAndGet(-frame.length());
			if (this.over || !channel.isOpen()) {
				this.unsent.clear();
				this.unsentLength.set(0);
				return;
			}
			if (channel.bytesBeforeWritable() > MAX_UNSENT) {
				logger.warn("{} does not read what it is sent, so it is closed", this);
				// At once: what else it has asked for is not even looked at.
				leave();
				channel.close();
				return;
			}
			channel.write(encode(channel.alloc(), frame), channel.voidPromise());
			if (!channel.isWritable()) {
				// What has not been tried to be sent must not count as not read
				channel.flush();
			}
		}
		channel.flush();
	}

	@Override
	public final void crash(RequestedCrashException cause) {
		this.endpoint.crash(cause);
	}

	@Override
	public final String toString() {
		return "Connection " + ((this.channel != null) ? this.channel.remoteAddress() : "(new)");
	}

	/**
	 * Does something on the event loop, even if that is where we are: Netty keeps the
	 * order only of what takes the same way.
	 * @param deed what to do, unless the channel is closed
	 */
	protected final void onLoop(Consumer<Channel> deed) {
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

}
