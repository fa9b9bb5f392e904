package dev.cider.broker;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Counts the instances that have begun to serve, and wakes the driver when those that it
 * waits for have come.
 */
final class Arrivals {

	/** Nothing here takes that long; what does is hopeless. */
	private static final Duration PATIENCE = Duration.ofMinutes(10);

	private final AtomicLong count = new AtomicLong();

	private volatile long expected = Long.MAX_VALUE;

	private volatile Thread driver;

	/** Called first thing by whoever serves. */
	long arrive() {
		long arrived = this.count.incrementAndGet();
		if (arrived == this.expected) {
			LockSupport.unpark(this.driver);
		}
		return arrived;
	}

	long soFar() {
		return this.count.get();
	}

	/** Called by the driver before it causes what it will wait for. */
	void expect(long more) {
		this.driver = Thread.currentThread();
		this.expected = this.count.get() + more;
	}

	void await() {
		if (!await(PATIENCE)) {
			throw new Snag((this.expected - this.count.get()) + " instances did not come within " + PATIENCE);
		}
	}

	boolean await(Duration atMost) {
		long deadline = System.nanoTime() + atMost.toNanos();
		long left = atMost.toNanos();
		while (this.count.get() < this.expected && left > 0) {
			LockSupport.parkNanos(left);
			left = deadline - System.nanoTime();
		}
		return this.count.get() >= this.expected;
	}

}
