package dev.cider.broker.restart;

import java.time.Duration;
import java.util.Objects;

/**
 * How long to wait before an endpoint is started again: a delay that grows with every
 * error in a row, up to a limit, spread a little at random so that many endpoints that
 * crash together do not come back together.
 * <p>
 * The delay after the n-th error in a row is {@code delay × multiplier^(n−1)}, at most
 * {@code maxDelay}. The defaults, without jitter:
 * <table>
 * <caption>Delays of the default backoff</caption>
 * <tr>
 * <th>errors in a row</th>
 * <td>1</td>
 * <td>2</td>
 * <td>3</td>
 * <td>4</td>
 * <td>5</td>
 * <td>6</td>
 * <td>7</td>
 * <td>8</td>
 * <td>9 and more</td>
 * </tr>
 * <tr>
 * <th>delay</th>
 * <td>200 ms</td>
 * <td>400 ms</td>
 * <td>800 ms</td>
 * <td>1.6 s</td>
 * <td>3.2 s</td>
 * <td>6.4 s</td>
 * <td>12.8 s</td>
 * <td>25.6 s</td>
 * <td>30 s</td>
 * </tr>
 * </table>
 * The jitter is a span, as in Spring Framework 7: it is added or subtracted at random and
 * grows with the delay. The result is never below {@code delay} or above
 * {@code maxDelay}.
 *
 * @param delay the delay after the first error; zero restarts at once
 * @param multiplier what each further error in a row multiplies the delay by, at least 1
 * @param maxDelay the longest delay, at least {@code delay}
 * @param jitter the largest random deviation of the first delay; zero for none
 */
public record Backoff(Duration delay, double multiplier, Duration maxDelay, Duration jitter) {

	private static final Backoff NONE = new Backoff(Duration.ZERO, 1, Duration.ZERO, Duration.ZERO);

	/**
	 * Checks the settings against each other.
	 * @param delay the delay after the first error
	 * @param multiplier what each further error multiplies the delay by
	 * @param maxDelay the longest delay
	 * @param jitter the largest random deviation of the first delay
	 * @throws IllegalArgumentException if one makes no sense; the message names it, its
	 * value and the rule
	 */
	public Backoff {
		Objects.requireNonNull(delay, "delay must not be null");
		Objects.requireNonNull(maxDelay, "maxDelay must not be null");
		Objects.requireNonNull(jitter, "jitter must not be null");
		Require.that(!delay.isNegative(), "backoff delay", delay, "must not be negative");
		Require.that(multiplier >= 1 && Double.isFinite(multiplier), "backoff multiplier", multiplier,
				"must be a number of at least 1");
		Require.that(maxDelay.compareTo(delay) >= 0, "backoff maxDelay", maxDelay,
				"must not be below delay (" + delay + ")");
		Require.that(!jitter.isNegative(), "backoff jitter", jitter, "must not be negative");
	}

	/**
	 * No pause at all: every restart happens at once.
	 * @return the backoff without delays
	 */
	public static Backoff none() {
		return NONE;
	}

	/**
	 * The default backoff: 200 ms, doubled up to 30 s, with a jitter of 50 ms.
	 * @return the default backoff
	 */
	public static Backoff defaults() {
		return builder().build();
	}

	/**
	 * A builder that starts from the defaults.
	 * @return a new builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * The delay after a number of errors in a row.
	 * @param errors how many errors in a row there were, at least 1
	 * @param roll where in the jitter's span the delay lies, from 0 (its lower end,
	 * inclusive) to 1 (its upper end, exclusive); the caller draws it, so that this
	 * function stays pure
	 * @return the delay
	 */
	public Duration delayAfter(int errors, double roll) {
		Require.that(errors >= 1, "errors in a row", errors, "must be at least 1");
		Require.that(roll >= 0 && roll < 1, "roll", roll, "must be from 0 (inclusive) to 1 (exclusive)");
		double first = nanos(this.delay);
		double limit = nanos(this.maxDelay);
		if (first == 0) {
			return this.delay;
		}
		double middle = Math.min(limit, first * Math.pow(this.multiplier, errors - 1));
		double spread = nanos(this.jitter) * middle / first;
		double low = Math.max(first, middle - spread);
		double high = Math.min(limit, middle + spread);
		double chosen = low + (high - low) * roll;
		return (chosen >= limit) ? this.maxDelay : ofNanos(chosen);
	}

	private static double nanos(Duration duration) {
		return duration.getSeconds() * 1e9 + duration.getNano();
	}

	private static Duration ofNanos(double nanos) {
		long seconds = (long) (nanos / 1e9);
		return Duration.ofSeconds(seconds, Math.round(nanos - seconds * 1e9));
	}

	@Override
	public String toString() {
		return "Backoff[delay=%s, multiplier=%s, maxDelay=%s, jitter=%s]".formatted(this.delay, this.multiplier,
				this.maxDelay, this.jitter);
	}

	/**
	 * Builds a {@link Backoff}. Not thread-safe.
	 */
	public static final class Builder {

		private Duration delay = Duration.ofMillis(200);

		private double multiplier = 2;

		private Duration maxDelay = Duration.ofSeconds(30);

		private Duration jitter = Duration.ofMillis(50);

		private Builder() {
		}

		/**
		 * Sets the delay after the first error.
		 * @param delay the first delay; zero restarts at once
		 * @return this builder
		 */
		public Builder delay(Duration delay) {
			this.delay = delay;
			return this;
		}

		/**
		 * Sets what each further error in a row multiplies the delay by.
		 * @param multiplier the factor, at least 1
		 * @return this builder
		 */
		public Builder multiplier(double multiplier) {
			this.multiplier = multiplier;
			return this;
		}

		/**
		 * Sets the longest delay.
		 * @param maxDelay the limit, at least the first delay
		 * @return this builder
		 */
		public Builder maxDelay(Duration maxDelay) {
			this.maxDelay = maxDelay;
			return this;
		}

		/**
		 * Sets the largest random deviation of the first delay.
		 * @param jitter the span; zero for none
		 * @return this builder
		 */
		public Builder jitter(Duration jitter) {
			this.jitter = jitter;
			return this;
		}

		/**
		 * Builds the backoff.
		 * @return the backoff
		 * @throws IllegalArgumentException if the settings make no sense together
		 */
		public Backoff build() {
			return new Backoff(this.delay, this.multiplier, this.maxDelay, this.jitter);
		}

	}

}
