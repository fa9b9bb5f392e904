package dev.cider.broker.sample.tcp;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import dev.cider.broker.sample.FakeContext;
import dev.cider.broker.sample.exchange.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * One incarnation, on a thread of its own, as the broker runs it.
 */
class Run implements AutoCloseable {

	static final int MAX_LINE = 1024;

	private final TcpEndpoint endpoint;

	private final CompletableFuture<Void> served = new CompletableFuture<>();

	private boolean closed;

	Run(Exchange exchange) {
		this(exchange, 0);
	}

	Run(Exchange exchange, int port) {
		this.endpoint = new TcpEndpoint(new FakeContext("tcp"), exchange,
				new InetSocketAddress(InetAddress.getLoopbackAddress(), port), MAX_LINE, 100);
		new Thread(() -> {
			try {
				this.endpoint.listenAndServe();
				this.served.complete(null);
			}
			catch (Throwable ex) {
				this.served.completeExceptionally(ex);
			}
		}, "run").start();
	}

	InetSocketAddress address() throws Exception {
		return this.endpoint.listening().get(2, TimeUnit.MINUTES);
	}

	LineClient connect() throws Exception {
		return new LineClient(address());
	}

	boolean isServing() {
		return !this.served.isDone();
	}

	/**
	 * Waits for the end of {@code listenAndServe}.
	 * @return what it threw, if it did
	 */
	@Nullable Throwable end() throws Exception {
		try {
			this.served.get(2, TimeUnit.MINUTES);
			return null;
		}
		catch (ExecutionException ex) {
			return ex.getCause();
		}
	}

	@Override
	public void close() {
		stop();
	}

	/**
	 * Closes the endpoint, once, however often it is called.
	 */
	void stop() {
		if (!this.closed) {
			this.closed = true;
			try {
				this.endpoint.close();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException("Interrupted while closing", ex);
			}
		}
	}

}
