package app;

import java.util.concurrent.CountDownLatch;

import dev.cider.broker.Endpoint;

/**
 * What these applications supervise: serves until it is closed, or crashes at once.
 */
public record Feed(boolean crashes, CountDownLatch closed) implements Endpoint {

	public Feed(boolean crashes) {
		this(crashes, new CountDownLatch(1));
	}

	@Override
	public void listenAndServe() throws InterruptedException {
		if (this.crashes) {
			throw new IllegalStateException("boom");
		}
		this.closed.await();
	}

	@Override
	public void close() {
		this.closed.countDown();
	}

}
