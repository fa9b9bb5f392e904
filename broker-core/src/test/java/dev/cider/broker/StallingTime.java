package dev.cider.broker;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

import org.jspecify.annotations.Nullable;

/**
 * Time that makes one thread stall when it has begun to work on a signal, as if it got no
 * processor, so that others come in between.
 */
final class StallingTime implements Time {

	private final ManualTime time = new ManualTime();

	private final CountDownLatch stalls = new CountDownLatch(1);

	private final CountDownLatch release = new CountDownLatch(1);

	private volatile @Nullable Thread slow;

	/** Does something on a thread that stalls at its first signal, and waits for that. */
	Thread stall(Runnable task) {
		Thread thread = new Thread(task);
		this.slow = thread;
		thread.start();
		Waiting.on(this.stalls);
		return thread;
	}

	void release() {
		this.release.countDown();
	}

	@Override
	public Moment now() {
		if (Thread.currentThread() == this.slow) {
			this.stalls.countDown();
			Waiting.on(this.release);
		}
		return this.time.now();
	}

	@Override
	public long nanos() {
		return this.time.nanos();
	}

	@Override
	public void start() {
		this.time.start();
	}

	@Override
	public Timer after(Duration delay, Runnable task) {
		return this.time.after(delay, task);
	}

	@Override
	public void close() {
		this.time.close();
	}

}
