package dev.cider.broker.sample.zeromq;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.Selector;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;

import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointContext;
import dev.cider.broker.sample.exchange.Exchange;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.zeromq.ZMQ;

/**
 * A ROUTER socket whose clients talk to an {@link Exchange}, one JSON-RPC frame a
 * message, through DEALER or REQ sockets.
 * <p>
 * The thread in {@code listenAndServe} owns the socket: it alone reads, writes and closes
 * it, and it beats the heart. Others leave frames and wake it.
 * <p>
 * A client is gone when its connection is: the socket itself tells (and TCP keepalive
 * finds machines that are off; JeroMQ's own heartbeats do not find a peer that stands
 * still). One that does not read what it is sent loses its connection, its methods and
 * calls and all that waits for it. ZeroMQ also connects again behind a client's back: a
 * provider registers its methods now and then, which changes nothing where nothing was
 * lost.
 */
public final class ZeroMqEndpoint implements Endpoint {

	private static final Logger logger = LoggerFactory.getLogger(ZeroMqEndpoint.class);

	private static final long BEAT_MILLIS = 500;

	/** How soon to try again to send to a client that did not take all. */
	private static final long RETRY_MILLIS = 10;

	/** How many messages to read before answers go out. */
	private static final int MAX_AT_ONCE = 100;

	private final EndpointContext context;

	private final Exchange exchange;

	private final InetSocketAddress address;

	private final int maxFrameLength;

	private final int maxConnections;

	private final CompletableFuture<InetSocketAddress> listening = new CompletableFuture<>();

	/** How it ends: whoever comes first, {@code close} or a crash, decides. */
	private final CompletableFuture<Void> end = new CompletableFuture<>();

	private final CountDownLatch released = new CountDownLatch(1);

	/** Guards {@link #serving} against a close. */
	private final Object startOrClose = new Object();

	private boolean serving;

	/** Set as soon as there is somebody to wake. */
	private volatile @Nullable Selector selector;

	/**
	 * Creates a server that does not listen yet.
	 * @param context what the broker wants to be told
	 * @param exchange serves the clients
	 * @param address where to listen; port 0 for any that is free
	 * @param maxFrameLength how many bytes a message may have
	 * @param maxConnections how many connections are served at once
	 */
	public ZeroMqEndpoint(EndpointContext context, Exchange exchange, InetSocketAddress address, int maxFrameLength,
			int maxConnections) {
		this.context = context;
		this.exchange = exchange;
		this.address = address;
		this.maxFrameLength = maxFrameLength;
		this.maxConnections = maxConnections;
	}

	@Override
	public void listenAndServe() throws Exception {
		synchronized (this.startOrClose) {
			if (this.end.isDone()) {
				return;
			}
			this.serving = true;
		}
		try {
			serve();
			this.end.get();
		}
		catch (ExecutionException ex) {
			throw (ex.getCause() instanceof Exception cause) ? cause : ex;
		}
		finally {
			this.released.countDown();
		}
	}

	@Override
	public void close() throws InterruptedException {
		synchronized (this.startOrClose) {
			this.end.complete(null);
			if (!this.serving) {
				return;
			}
		}
		wake();
		this.released.await();
	}

	/**
	 * Where it really listens.
	 * @return completed once it does
	 */
	public CompletableFuture<InetSocketAddress> listening() {
		return this.listening;
	}

	private void serve() throws IOException, InterruptedException {
		ZMQ.Context zmq = ZMQ.context(1);
		// The thread that reads and writes is ZeroMQ's own: without it nobody is served
		zmq.setUncaughtExceptionHandler((thread, failure) -> crash(failure));
		zmq.setNotificationExceptionHandler((thread, failure) -> logger.warn("{}: a peer confused ZeroMQ: {}",
				this.context.id(), failure.toString()));
		try (Selector selector = Selector.open();
				RouterSocket socket = new RouterSocket(zmq, this.maxFrameLength, this.maxConnections)) {
			this.selector = selector;
			Clients clients = new Clients(this.exchange, socket, this.maxFrameLength, this::wake, this::crash);
			InetSocketAddress local = socket.bind(this.address);
			logger.info("{}: listening on {}", this.context.id(), local);
			this.context.ready();
			this.listening.complete(local);
			try {
				socket.register(selector);
				serve(selector, socket, clients);
			}
			finally {
				clients.removeAll();
				clients.deliver();
			}
		}
		finally {
			// An interrupt that came before must not keep the port
			boolean interrupted = Thread.interrupted();
			zmq.term();
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	private void serve(Selector selector, RouterSocket socket, Clients clients)
			throws IOException, InterruptedException {
		boolean retry = false;
		while (!this.end.isDone()) {
			if (!socket.hasInput()) {
				selector.select((key) -> {
				}, retry ? RETRY_MILLIS : BEAT_MILLIS);
			}
			if (Thread.interrupted()) {
				throw new InterruptedException("Interrupted while serving");
			}
			this.context.heartbeat();
			ZmqMessage message = socket.receive();
			for (int i = 1; message != null; i++) {
				clients.receive(message);
				message = (i < MAX_AT_ONCE) ? socket.receive() : null;
			}
			retry = clients.deliver();
		}
	}

	private void crash(Throwable cause) {
		this.end.completeExceptionally(cause);
		wake();
	}

	private void wake() {
		Selector selector = this.selector;
		if (selector != null) {
			selector.wakeup();
		}
	}

}
