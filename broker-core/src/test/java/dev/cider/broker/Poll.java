package dev.cider.broker;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waits for what ten thousands of lives do, so it has no thread of its own as Awaitility
 * has.
 */
final class Poll {

	private static final long PAUSE = 1_000_000;

	private Poll() {
	}

	static void until(String what, BooleanSupplier condition) {
		long deadline = System.nanoTime() + Waiting.LIMIT.toNanos();
		while (!condition.getAsBoolean()) {
			if (System.nanoTime() - deadline > 0) {
				throw new AssertionError("waited in vain for " + what);
			}
			LockSupport.parkNanos(PAUSE);
		}
	}

}
