package dev.cider.broker.restart;

import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * What follows from one exit of an endpoint, and why.
 */
public sealed interface RestartDecision {

	/**
	 * How many errors in a row the endpoint has had, this exit included.
	 * @return the count, 0 after a run that was long enough to be good
	 */
	int consecutiveErrors();

	/**
	 * The decision and its reason in one line, for people: for example
	 * {@code error 2 of 3 in a row (served 0.4 s, error window 1 s): restart in 400 ms}.
	 * @return the explanation
	 */
	String explanation();

	/**
	 * The endpoint is started again. A value: two are equal if their parts are. Its
	 * explanation is made when it is read first, since an endpoint that crashes all the
	 * time makes many and few are read.
	 */
	final class Restart implements RestartDecision {

		private final Duration delay;

		private final int consecutiveErrors;

		private final Supplier<String> explaining;

		/** A benign race: two readers may each make the same text. */
		private @Nullable String explanation;

		/**
		 * Creates the decision.
		 * @param delay how long to wait, from the end of the incarnation that exited;
		 * zero for not at all
		 * @param consecutiveErrors errors in a row, this exit included
		 * @param explanation the reason in one line
		 */
		public Restart(Duration delay, int consecutiveErrors, String explanation) {
			this(delay, consecutiveErrors, () -> explanation);
		}

		Restart(Duration delay, int consecutiveErrors, Supplier<String> explaining) {
			this.delay = delay;
			this.consecutiveErrors = consecutiveErrors;
			this.explaining = explaining;
		}

		/**
		 * How long to wait before the start.
		 * @return the delay, from the end of the incarnation that exited; zero for not at
		 * all
		 */
		public Duration delay() {
			return this.delay;
		}

		@Override
		public int consecutiveErrors() {
			return this.consecutiveErrors;
		}

		@Override
		public String explanation() {
			String made = this.explanation;
			if (made == null) {
				made = this.explaining.get();
				this.explanation = made;
			}
			return made;
		}

		@Override
		public boolean equals(@Nullable Object other) {
			return other instanceof Restart that && this.delay.equals(that.delay)
					&& this.consecutiveErrors == that.consecutiveErrors && explanation().equals(that.explanation());
		}

		@Override
		public int hashCode() {
			return Objects.hash(this.delay, this.consecutiveErrors, explanation());
		}

		@Override
		public String toString() {
			return "Restart[delay=" + this.delay + ", consecutiveErrors=" + this.consecutiveErrors + ", explanation="
					+ explanation() + "]";
		}

	}

	/**
	 * The endpoint returned by itself and is not started again.
	 *
	 * @param consecutiveErrors errors in a row, as they were before
	 * @param explanation the reason in one line
	 */
	record Finish(int consecutiveErrors, String explanation) implements RestartDecision {
	}

	/**
	 * The endpoint is dropped.
	 *
	 * @param reviveAfter how long until it is started again by itself; {@code null} if
	 * only an operator can start it
	 * @param consecutiveErrors errors in a row, this exit included
	 * @param explanation the reason in one line
	 */
	record Drop(@Nullable Duration reviveAfter, int consecutiveErrors, String explanation) implements RestartDecision {
	}

}
