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
 * The thread in {@code listenAndServe} owns the socket: it alone receives from the
 * socket, sends to it and closes it, and it sends the heartbeats. Other threads add
 * frames to the queues of clients, and wake that thread.
 * <p>
 * A client is removed when its connection ends, which ZeroMQ reports. (TCP keepalive
 * detects machines that are off. JeroMQ's own heartbeats do not detect a peer that
 * hangs.) A client that does not read loses its connection, its methods, its calls and
 * all that waits for it. ZeroMQ also reconnects without telling the client. So a provider
 * registers its methods again and again, which changes nothing if they are still
 * registered.
 */
public final class ZeroMqEndpoint implements Endpoint {

	private static final Logger logger = LoggerFactory.getLogger(ZeroMqEndpoint.class);

	private static final long BEAT_MILLIS = 500;

	/** How soon to try again to send to a client whose queue had no room. */
	private static final long RETRY_MILLIS = 10;

	/** How many messages to receive before answers are sent. */
	private static final int MAX_AT_ONCE = 100;

	private final EndpointContext context;

	private final Exchange exchange;

	private final InetSocketAddress address;

	private final int maxFrameLength;

	private final int maxConnections;

	private final CompletableFuture<InetSocketAddress> listening = new CompletableFuture<>();

	/** How serving ends: the first of {@code close} and a crash completes it. */
	private final CompletableFuture<Void> end = new CompletableFuture<>();

	private final CountDownLatch released = new CountDownLatch(1);

	/** Guards {@link #serving} against a close. */
	private final Object startOrClose = new Object();

	private boolean serving;

	/** Set as soon as there is a thread to wake. */
	private volatile @Nullable Selector selector;

	/**
	 * Creates a server that does not listen yet.
	 * @param context tells the broker of readiness and heartbeats
	 * @param exchange serves the clients
	 * @param address the address to listen on; port 0 for any free port
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
	 * The address that the server listens on, with the real port.
	 * @return completed when the server listens
	 */
	public CompletableFuture<InetSocketAddress> listening() {
		return this.listening;
	}

	private void serve() throws IOException, InterruptedException {
		ZMQ.Context zmq = ZMQ.context(1);
		// Without ZeroMQ's own thread, which reads and writes, no client is served
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
			// With an earlier interrupt, term() would fail and the port stay bound
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
