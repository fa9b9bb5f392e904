package dev.cider.broker.sample.tcp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import dev.cider.broker.Endpoint;
import dev.cider.broker.sample.exchange.Exchange;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.ImmediateEventExecutor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A TCP server whose clients talk to an {@link Exchange}, one JSON-RPC frame a line.
 * <p>
 * {@code listenAndServe} throws if the port cannot be had, if the listening socket
 * breaks, and if a client calls {@code sample.crash}. Whatever a single client does wrong
 * costs at most its own connection. All that the endpoint holds is released by
 * {@code close}, so that the next incarnation can have the port at once.
 */
public final class TcpEndpoint implements Endpoint {

	private static final Logger logger = LoggerFactory.getLogger(TcpEndpoint.class);

	/** One loop is plenty: it parses and copies, and it never waits. */
	private static final int LOOPS = 1;

	private static final int MAX_SHUTDOWN_SECONDS = 5;

	private final Exchange exchange;

	private final InetSocketAddress address;

	private final int maxLineLength;

	private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(LOOPS,
			new DefaultThreadFactory("tcp-loop", true), NioIoHandler.newFactory());

	/**
	 * The listening socket and all connections. Closed once, it closes at once what is
	 * added later: a connection that is accepted while {@code close} runs.
	 */
	private final ChannelGroup channels = new DefaultChannelGroup("tcp", ImmediateEventExecutor.INSTANCE, true);

	/** Guards {@link #binding} against a close; nobody waits for a client under it. */
	private final Object bindOrClose = new Object();

	private @Nullable ChannelFuture binding;

	private final CompletableFuture<InetSocketAddress> listening = new CompletableFuture<>();

	/** How it ends: whoever comes first, {@code close} or a crash, decides. */
	private final CompletableFuture<Void> end = new CompletableFuture<>();

	/**
	 * Creates a server that does not listen yet.
	 * @param exchange serves the clients
	 * @param address where to listen; port 0 for any that is free
	 * @param maxLineLength how many bytes a line may have, its end not counted
	 */
	public TcpEndpoint(Exchange exchange, InetSocketAddress address, int maxLineLength) {
		this.exchange = exchange;
		this.address = address;
		this.maxLineLength = maxLineLength;
	}

	@Override
	public void listenAndServe() throws Exception {
		ChannelFuture bind = bind();
		if (bind != null) {
			bind.addListener((ChannelFuture decided) -> bound(decided));
			awaitEnd();
		}
	}

	/**
	 * Begins to bind, unless a close came first. One that comes now waits until the bind
	 * has begun, and then for its end: Netty complains of a bind whose loop is taken
	 * away.
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
	public void close() throws InterruptedException {
		ChannelFuture bind;
		synchronized (this.bindOrClose) {
			this.end.complete(null);
			bind = this.binding;
		}
		if (bind != null) {
			bind.await(MAX_SHUTDOWN_SECONDS, TimeUnit.SECONDS);
		}
		this.channels.close().await();
		this.loops.shutdownGracefully(0, MAX_SHUTDOWN_SECONDS, TimeUnit.SECONDS).await();
	}

	/**
	 * Where it really listens.
	 * @return completed once it does
	 */
	CompletableFuture<InetSocketAddress> listening() {
		return this.listening;
	}

	/**
	 * Makes {@code listenAndServe} throw, unless it has ended already.
	 * @param cause what to throw
	 */
	void crash(Throwable cause) {
		this.end.completeExceptionally(cause);
	}

	private ServerBootstrap bootstrap() {
		return new ServerBootstrap().group(this.loops)
			.channel(NioServerSocketChannel.class)
			// A client that has sent its last request may still want the answer
			.childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
			.childOption(ChannelOption.SO_KEEPALIVE, true)
			.childHandler(new ChannelInitializer<>() {

				@Override
				protected void initChannel(Channel channel) {
					accept(channel);
				}

			});
	}

	private void accept(Channel channel) {
		this.channels.add(channel);
		// The decoder gets two bytes of slack: it would take the carriage return of a
		// line of full length for part of it, where the packet ends there
		channel.pipeline()
			.addLast(new LineBasedFrameDecoder(this.maxLineLength + 2, true, true))
			.addLast(new TcpConnection(this, this.exchange, this.maxLineLength));
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
		logger.info("Listening on {}", local);
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
