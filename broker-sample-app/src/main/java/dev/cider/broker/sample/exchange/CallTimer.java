package dev.cider.broker.sample.exchange;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * What the exchange knows of passing time.
 */
interface CallTimer {

	/**
	 * The time of the JVM. Its threads are the JDK's own, so that nobody has to end them.
	 */
	CallTimer SYSTEM = new CallTimer() {

		@Override
		public long nanos() {
			return System.nanoTime();
		}

		@Override
		public void in(long nanos, Runnable task) {
			CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS).execute(task);
		}

	};

	long nanos();

	/**
	 * Runs something later, on another thread.
	 */
	void in(long nanos, Runnable task);

}
