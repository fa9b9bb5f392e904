package dev.cider.broker;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * What an endpoint does after its closing incarnation has ended or was abandoned.
 */
sealed interface AfterClose {

	Rest REST = new Rest();

	Finish FINISH = new Finish();

	Retry RETRY_AT_ONCE = new Retry(Duration.ZERO);

	static Retry retry(Duration delay) {
		return delay.isZero() ? RETRY_AT_ONCE : new Retry(delay);
	}

	/** Stay stopped. */
	record Rest() implements AfterClose {
	}

	/** Be finished. */
	record Finish() implements AfterClose {
	}

	/**
	 * Be dropped.
	 *
	 * @param crashed when the last run ended
	 * @param reviveAfter the delay from then until it starts again by itself;
	 * {@code null} if it does not
	 */
	record Drop(Moment crashed, @Nullable Duration reviveAfter) implements AfterClose {
	}

	/** Start again after a delay. */
	record Retry(Duration delay) implements AfterClose {
	}

	/**
	 * Start again at once, at an operator's request.
	 *
	 * @param restart whether it counts as a restart
	 * @param clean whether the count of consecutive errors returns to 0
	 */
	record Relaunch(boolean restart, boolean clean) implements AfterClose {
	}

}
