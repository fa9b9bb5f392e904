package dev.cider.broker.sample.netty;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointContext;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.ChannelMatchers;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.ImmediateEventExecutor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server on Netty.
 * <p>
 * {@code listenAndServe} throws if the port cannot be bound, if the listening socket is
 * closed, if the event loop fails with an Error, and if a client calls
 * {@code sample.crash}. A client that does something wrong loses at most its own
 * connection. {@code close} releases all that the endpoint holds, so that the next
 * incarnation can bind the port at once.
 * <p>
 * The endpoint is ready when it listens. The event loop itself sends the heartbeats, so
 * the broker notices a loop that hangs.
 */
public abstract class NettyEndpoint implements Endpoint {

	private static final Logger logger = LoggerFactory.getLogger(NettyEndpoint.class);

	/**
	 * One event loop is enough: it parses and copies, and it never waits.
	 * {@link ConnectionLimit} relies on there being one.
	 */
	private static final int LOOPS = 1;

	private static final int MAX_SHUTDOWN_SECONDS = 5;

	private static final int BEAT_MILLIS = 500;

	private final EndpointContext context;

	private final InetSocketAddress address;

	private final EventLoopGroup loops;

	private final ConnectionLimit connectionLimit;

	/**
	 * The listening socket and all connections. After its close, the group closes at once
	 * what is added to it: a connection that is accepted while {@code close} runs.
	 */
	private final ChannelGroup channels = new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE, true);

	/**
	 * Guards {@link #binding} against a close. No thread that holds it waits for a
	 * client.
	 */
	private final Object bindOrClose = new Object();

	private @Nullable ChannelFuture binding;

	private final CompletableFuture<InetSocketAddress> listening = new CompletableFuture<>();

	/** How serving ends: the first of {@code close} and a crash completes it. */
	private final CompletableFuture<Void> end = new CompletableFuture<>();

	/**
	 * Creates a server that does not listen yet.
	 * @param context tells the broker of readiness and heartbeats
	 * @param address the address to listen on; port 0 for any free port
	 * @param maxConnections how many connections are served at once
	 */
	protected NettyEndpoint(EndpointContext context, InetSocketAddress address, int maxConnections) {
		this.context = context;
		this.address = address;
		this.connectionLimit = new ConnectionLimit(maxConnections);
		this.loops = new MultiThreadIoEventLoopGroup(LOOPS, new DefaultThreadFactory(context.id() + "-loop", true),
				NioIoHandler.newFactory());
	}

	/**
	 * Prepares a new connection.
	 * @param channel the new channel, to which this adds handlers
	 */
	protected abstract void accept(Channel channel);

	/**
	 * Says goodbye to all clients, before their connections are closed.
	 * @param connections all open connections; no others are accepted any more
	 * @throws InterruptedException if the thread is interrupted
	 */
	protected void sayGoodbye(ChannelGroup connections) throws InterruptedException {
	}

	@Override
	public final void listenAndServe() throws Exception {
		ChannelFuture bind = bind();
		if (bind != null) {
			bind.addListener((ChannelFuture decided) -> bound(decided));
			awaitEnd();
		}
	}

	/**
	 * Begins to bind, unless {@code close} came first. A {@code close} that comes now
	 * waits until the bind has begun, and then until it has ended: Netty logs an error if
	 * its event loop is shut down during a bind.
	 */
	private @Nullable ChannelFuture bind() {
		synchronized (this.bindOrClose) {
			if (!this.end.isDone()) {
				this.binding = bootstrap().bind(this.address);
			}
			return this.binding;
		}
	}

	@Override
	public final void close() throws InterruptedException {
		ChannelFuture bind;
		synchronized (this.bindOrClose) {
			this.end.complete(null);
			bind = this.binding;
		}
		if (bind != null) {
			bind.await(MAX_SHUTDOWN_SECONDS, TimeUnit.SECONDS);
		}
		this.channels.close(ChannelMatchers.isServerChannel()).await();
		sayGoodbye(this.channels);
		this.channels.close().await();
		this.loops.shutdownGracefully(0, MAX_SHUTDOWN_SECONDS, TimeUnit.SECONDS).await();
	}

	/**
	 * The address that the server listens on, with the real port.
	 * @return completed when the server listens
	 */
	public final CompletableFuture<InetSocketAddress> listening() {
		return this.listening;
	}

	/**
	 * Makes {@code listenAndServe} throw, unless it has ended already.
	 * @param cause what to throw
	 */
	final void crash(Throwable cause) {
		this.end.completeExceptionally(cause);
	}

	final ConnectionLimit connectionLimit() {
		return this.connectionLimit;
	}

	private ServerBootstrap bootstrap() {
		return new ServerBootstrap().group(this.loops)
			.channel(NioServerSocketChannel.class)
			.childOption(ChannelOption.SO_KEEPALIVE, true)
			.childHandler(new ChannelInitializer<>() {

				@Override
				protected void initChannel(Channel channel) {
					NettyEndpoint.this.channels.add(channel);
					accept(channel);
				}

			});
	}

	private void bound(ChannelFuture bind) {
		if (!bind.isSuccess()) {
			Throwable cause = bind.cause();
			crash(new IOException("Cannot listen on " + this.address + ": " + cause.getMessage(), cause));
			return;
		}
		Channel server = bind.channel();
		this.channels.add(server);
		server.closeFuture().addListener((closed) -> crash(new IOException("The listening socket was closed")));
		InetSocketAddress local = (InetSocketAddress) server.localAddress();
		logger.info("{}: listening on {}", this.context.id(), local);
		this.context.ready();
		server.eventLoop().scheduleAtFixedRate(this.context::heartbeat, 0, BEAT_MILLIS, TimeUnit.MILLISECONDS);
		this.listening.complete(local);
	}

	private void awaitEnd() throws Exception {
		try {
			this.end.get();
		}
		catch (ExecutionException ex) {
			throw (ex.getCause() instanceof Exception cause) ? cause : ex;
		}
	}

}
