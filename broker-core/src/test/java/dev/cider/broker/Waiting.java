package dev.cider.broker;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import org.awaitility.Awaitility;

/**
 * Waits for events, and fails instead of hanging.
 */
final class Waiting {

	/** Long enough for the slowest machine: only a failing test waits that long. */
	static final Duration LIMIT = Duration.ofSeconds(20);

	private Waiting() {
	}

	static void on(CountDownLatch latch) {
		try {
			if (!latch.await(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
				throw new AssertionError("waited in vain for a latch");
			}
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
			T next = queue.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
			if (next == null) {
				throw new AssertionError("waited in vain for the next one");
			}
			return next;
		}
		catch (InterruptedException interrupted) {
			throw new AssertionError(interrupted);
		}
	}

	static void until(BooleanSupplier condition) {
		Awaitility.await().atMost(LIMIT).pollInterval(Duration.ofMillis(2)).until(condition::getAsBoolean);
	}

	static void untilState(BrokerOperations broker, String id, EndpointState state) {
		until(() -> broker.endpoint(id).state() == state);
	}

}
