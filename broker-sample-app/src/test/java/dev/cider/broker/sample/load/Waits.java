package dev.cider.broker.sample.load;

import java.time.Duration;
import java.util.concurrent.Callable;

import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Waits for what must come soon.
 */
final class Waits {

	private static final Duration LIMIT = Duration.ofMinutes(4);

	private static final Duration SOON = Duration.ofSeconds(5);

	private static final Duration POLL = Duration.ofMillis(2);

	private Waits() {
	}

	/**
	 * Waits for what may come, but not for long.
	 * @return whether it came
	 */
	static boolean soon(Callable<Boolean> condition) {
		try {
			Awaitility.await().atMost(SOON).pollDelay(Duration.ZERO).pollInterval(POLL).until(condition);
			return true;
		}
		catch (ConditionTimeoutException ex) {
			return false;
		}
	}

	static void until(String what, Callable<Boolean> condition) {
		Awaitility.await(what).atMost(LIMIT).pollDelay(Duration.ZERO).pollInterval(POLL).until(condition);
	}

}
