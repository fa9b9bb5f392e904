package dev.cider.broker;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Waits for what no latch tells. Not with Awaitility: that has a thread of its own for
 * each wait, of which thousands of lives have many, and looks at the clock only.
 */
final class Poll {

	private static final Duration PAUSE = Duration.ofMillis(1);

	/**
	 * However much later it is after one pause, it was waited for no longer than this.
	 */
	private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

	private Poll() {
	}

	static void until(String what, BooleanSupplier condition) {
		until(() -> what, PAUSE, condition);
	}

	/**
	 * Waits, and is as patient as {@link Waiting} is. A virtual machine that is moved
	 * stands still for half a minute, and then all of it has passed at once: who looks at
	 * the clock only would give up before the others have come to their turn.
	 */
	static void until(Supplier<String> what, Duration pause, BooleanSupplier condition) {
		long patience = Waiting.LIMIT.toNanos();
		long before = System.nanoTime();
		while (!condition.getAsBoolean()) {
			if (patience < 0) {
				throw new AssertionError("waited in vain for " + what.get());
			}
			LockSupport.parkNanos(pause.toNanos());
			long now = System.nanoTime();
			patience -= Math.min(now - before, LONGEST_PAUSE.toNanos());
			before = now;
		}
	}

}
