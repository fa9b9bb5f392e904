package dev.cider.broker;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * What an endpoint does after its closing incarnation has ended or was abandoned, or
 * while none lives, after its delay or its wait for admission.
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
	 * Start again at once, at an operator's request or because it was evicted.
	 *
	 * @param restart whether it counts as a restart
	 * @param clean whether the count of consecutive errors returns to 0
	 * @param requested whether an operator asked for it
	 */
	record Relaunch(boolean restart, boolean clean, boolean requested) implements AfterClose {
	}

	/**
	 * Start as soon as it is admitted.
	 *
	 * @param restart whether it counts as a restart
	 * @param afterError whether an error that counts still led to this launch, so that
	 * what bars the endpoint may explain it
	 */
	record Launch(boolean restart, boolean afterError) implements AfterClose {

		private static final Launch[] ALL = { new Launch(false, false), new Launch(true, false),
				new Launch(false, true), new Launch(true, true) };

		static Launch of(boolean restart, boolean afterError) {
			return ALL[(restart ? 1 : 0) + (afterError ? 2 : 0)];
		}

		Launch explained() {
			return of(this.restart, false);
		}

	}

}
