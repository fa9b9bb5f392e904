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
 * The connection of one client: passes received messages to the exchange, and sends the
 * frames of the exchange to the client.
 *
 * @param <I> the type of the received messages
 */
public abstract class NettyConnection<I> extends SimpleChannelInboundHandler<I> implements Link {

	private static final Logger logger = LoggerFactory.getLogger(NettyConnection.class);

	/**
	 * How many bytes may wait for a client that does not read. Answers to its own
	 * requests do not reach this limit, because no more requests are read meanwhile;
	 * calls to it as a provider do.
	 */
	private static final long MAX_UNSENT = 8 * 1024 * 1024;

	/**
	 * How many characters may wait until the event loop has handled all received bytes.
	 */
	private static final long MAX_BURST = 256 * 1024;

	private final NettyEndpoint endpoint;

	private final Exchange exchange;

	/** Set before the first message is received or sent. */
	private @Nullable Channel channel;

	private @Nullable Client client;

	/**
	 * Frames that the event loop has not taken yet. It flushes them together, which saves
	 * system calls.
	 */
	private final Queue<String> unsent = new ConcurrentLinkedQueue<>();

	/** About how many characters {@link #unsent} has. */
	private final AtomicLong unsentLength = new AtomicLong();

	/** Whether the event loop is going to run {@link #sendAll}. */
	private final AtomicBoolean announced = new AtomicBoolean();

	/** Whether sending has ended. Touched only on the event loop. */
	private boolean over;

	/**
	 * Creates a connection whose client is not attached yet.
	 * @param endpoint the server that accepted it
	 * @param exchange serves the client
	 */
	protected NettyConnection(NettyEndpoint endpoint, Exchange exchange) {
		this.endpoint = endpoint;
		this.exchange = exchange;
	}

	/**
	 * Attaches the client to the exchange.
	 * @param channel the channel of the client
	 */
	protected final void attach(Channel channel) {
		this.channel = channel;
		this.client = this.exchange.attach(this);
	}

	/**
	 * Called when the client has sent a whole message: it is not silent any more.
	 */
	protected final void spoke() {
		this.endpoint.connectionLimit().spoke(this);
	}

	/**
	 * Called when the connection is open and the limit has room for it.
	 * @param context the context of this handler
	 */
	protected abstract void opened(ChannelHandlerContext context);

	/**
	 * Tells a client that there are too many connections, if its protocol can say that.
	 * @param channel the channel of the client, which is closed afterwards
	 */
	protected abstract void sayCrowded(Channel channel);

	/**
	 * Ends a connection at once, because there are too many.
	 */
	final void turnAway(Channel channel) {
		sayCrowded(channel);
		channel.close();
	}

	/**
	 * Detaches the client from the exchange; the channel may still be open. Called on the
	 * event loop.
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
	 * Encodes a frame.
	 * @param allocator makes buffers
	 * @param frame the frame
	 * @return what the channel writes
	 */
	protected abstract Object encode(ByteBufAllocator allocator, String frame);

	@Override
	public final void channelWritabilityChanged(ChannelHandlerContext context) {
		// A client that does not read answers can send no more requests
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
			// A burst of requests has many answers: send these now, to see whether the
			// client reads them.
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
				// At once: requests that have come already are ignored
				leave();
				channel.close();
				return;
			}
			channel.write(encode(channel.alloc(), frame), channel.voidPromise());
			if (!channel.isWritable()) {
				// Only bytes that were flushed can show that the client does not read
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
	 * Runs a task on the event loop. Queues it even if the caller is on the event loop:
	 * Netty keeps the order only of tasks that are queued.
	 * @param deed the task, which is not run if the channel is closed
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
