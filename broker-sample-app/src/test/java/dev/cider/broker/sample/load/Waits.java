package dev.cider.broker.sample.load;

import java.time.Duration;
import java.util.concurrent.Callable;

import org.awaitility.Awaitility;

/**
 * Waits for what must come soon.
 */
final class Waits {

	private static final Duration LIMIT = Duration.ofSeconds(30);

	private static final Duration POLL = Duration.ofMillis(2);

	private Waits() {
	}

	static void until(String what, Callable<Boolean> condition) {
		Awaitility.await(what).atMost(LIMIT).pollDelay(Duration.ZERO).pollInterval(POLL).until(condition);
	}

}
