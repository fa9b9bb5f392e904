package dev.cider.broker;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

/**
 * An endpoint that does what the test tells it to, and remembers what was done to it.
 */
class Puppet implements Endpoint {

	private static final Throwable RETURN = new Throwable("return");

	final AtomicInteger serves = new AtomicInteger();

	final AtomicInteger closes = new AtomicInteger();

	final CountDownLatch closed = new CountDownLatch(1);

	volatile @Nullable Thread servedBy;

	volatile @Nullable Thread closedBy;

	private final CountDownLatch serving = new CountDownLatch(1);

	private final BlockingQueue<Throwable> orders = new LinkedBlockingQueue<>();

	@Override
	public void listenAndServe() throws Exception {
		this.servedBy = Thread.currentThread();
		this.serves.incrementAndGet();
		this.serving.countDown();
		Throwable order = obey();
		if (order != RETURN) {
			Puppet.<RuntimeException>sneak(order);
		}
	}

	/** Waits for an order; those that are deaf to interrupts override this. */
	Throwable obey() throws InterruptedException {
		return this.orders.take();
	}

	@Override
	public void close() throws Exception {
		this.closedBy = Thread.currentThread();
		this.closes.incrementAndGet();
		this.orders.add(RETURN);
		this.closed.countDown();
	}

	void crash(Throwable error) {
		this.orders.add(error);
	}

	void crash() {
		crash(new IllegalStateException("boom"));
	}

	void finish() {
		this.orders.add(RETURN);
	}

	void awaitServing() {
		Waiting.on(this.serving);
	}

	@SuppressWarnings("unchecked")
	private static <E extends Throwable> void sneak(Throwable error) throws E {
		throw (E) error;
	}

	/**
	 * One that ignores interrupts while it serves, until it is let go.
	 */
	static class Deaf extends Puppet {

		private final CountDownLatch letGo = new CountDownLatch(1);

		@Override
		Throwable obey() {
			boolean interrupted = false;
			while (true) {
				try {
					if (this.letGo.await(1, TimeUnit.DAYS)) {
						if (interrupted) {
							Thread.currentThread().interrupt();
						}
						return RETURN;
					}
				}
				catch (InterruptedException ignored) {
					interrupted = true;
				}
			}
		}

		void letGo() {
			this.letGo.countDown();
		}

	}

}
