package dev.cider.broker;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Waits for events, and fails instead of hanging.
 */
final class Waiting {

	/** Long enough for the slowest machine: only a failing test waits that long. */
	static final Duration LIMIT = Duration.ofSeconds(60);

	private Waiting() {
	}

	static void on(CountDownLatch latch) {
		try {
			for (long second = 0; second < LIMIT.toSeconds(); second++) {
				if (latch.await(1, TimeUnit.SECONDS)) {
					return;
				}
			}
			throw new AssertionError("waited in vain for a latch");
		}
		catch (InterruptedException interrupted) {
			throw new AssertionError(interrupted);
		}
	}

	/**
	 * Waits and ignores interrupts, as badly written factories do.
	 */
	static void onDeaf(CountDownLatch latch) {
		while (true) {
			try {
				latch.await();
				return;
			}
			catch (InterruptedException ignored) {
				// Goes on.
			}
		}
	}

	static <T> T next(BlockingQueue<T> queue) {
		try {
			for (long second = 0; second < LIMIT.toSeconds(); second++) {
				T next = queue.poll(1, TimeUnit.SECONDS);
				if (next != null) {
					return next;
				}
			}
			throw new AssertionError("waited in vain for the next one");
		}
		catch (InterruptedException interrupted) {
			throw new AssertionError(interrupted);
		}
	}

	static void until(BooleanSupplier condition) {
		Poll.until(() -> "a condition", Duration.ofMillis(2), condition);
	}

	static void untilState(BrokerOperations broker, String id, EndpointState state) {
		until(() -> broker.endpoint(id).state() == state);
	}

}
