package app;

import java.util.concurrent.CountDownLatch;

import dev.cider.broker.Endpoint;

/**
 * The endpoint that a developer is at work on.
 */
class Server implements Endpoint {

	/** What the test changes. */
	static final String VERSION = "first";

	private final CountDownLatch closed = new CountDownLatch(1);

	@Override
	public void listenAndServe() throws InterruptedException {
		tell("serves, loaded by " + getClass().getClassLoader().getClass().getSimpleName());
		this.closed.await();
	}

	@Override
	public void close() {
		tell("closed");
		this.closed.countDown();
	}

	private void tell(String what) {
		System.out.println("# " + VERSION + " " + what);
	}

}
