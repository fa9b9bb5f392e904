package dev.cider.broker;

import java.time.Duration;
import java.util.stream.IntStream;

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
	 * @param afterError whether the last exit was an error that counts still, so that
	 * what bars the endpoint may explain it
	 * @param requested whether the open question says that an operator asked for it
	 * @param barredBy what it waits for, in words, once an answer has said it
	 */
	record Launch(boolean restart, boolean afterError, boolean requested,
			@Nullable String barredBy) implements AfterClose {

		private static final Launch[] ALL = IntStream.range(0, 8)
			.mapToObj((bits) -> new Launch((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, null))
			.toArray(Launch[]::new);

		static Launch of(boolean restart, boolean afterError, boolean requested) {
			return ALL[(restart ? 1 : 0) + (afterError ? 2 : 0) + (requested ? 4 : 0)];
		}

		Launch barred(String why) {
			return new Launch(this.restart, this.afterError, this.requested, why);
		}

		Launch explained() {
			return new Launch(this.restart, false, this.requested, this.barredBy);
		}

		/** The answer to the question that is asked now is not known. */
		Launch asRequested() {
			return of(this.restart, this.afterError, true);
		}

	}

}
