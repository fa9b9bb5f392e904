package dev.cider.broker.restart;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

import dev.cider.broker.restart.UnwordedDecision.Reason;
import org.jspecify.annotations.Nullable;

/**
 * When an endpoint is started again and when it is dropped. The rule is that of the
 * original broker: after a run longer than {@code errorWindow} the count of errors in a
 * row begins at 0 again. A crash after a shorter run is an error, and at
 * {@code allowedConsecutiveErrors} errors in a row the endpoint is dropped. With the
 * defaults, the third quick crash in a row drops it.
 * <p>
 * The error window is the shortest run that counts as good. It is not a span in which
 * errors are counted.
 *
 * @param mode after which kind of exit an endpoint is started again
 * @param allowedConsecutiveErrors at how many errors in a row the endpoint is dropped, at
 * least 1; or {@link #UNLIMITED}
 * @param errorWindow the longest run after which a crash is an error, longer than zero
 * @param backoff how long to wait before a restart
 * @param fatal whether an exception makes starting again pointless. It is called with
 * what {@code create} or {@code listenAndServe} threw and then with each of its causes,
 * on the thread that threw; if it throws, the crash is not fatal
 * @param reviveAfter how long after a drop for too many errors the endpoint is started
 * again by itself, with an error count of 0; {@code null} for never. A drop for a fatal
 * error or in mode {@link RestartMode#NEVER} is always final
 */
public record RestartPolicy(RestartMode mode, int allowedConsecutiveErrors, Duration errorWindow, Backoff backoff,
		Predicate<Throwable> fatal, @Nullable Duration reviveAfter) {

	/**
	 * How many errors in a row drop an endpoint by default: the original broker's
	 * {@code NumAllowedConsecutiveErrors}.
	 */
	public static final int ALLOWED_CONSECUTIVE_ERRORS = 3;

	/**
	 * The default error window: the original broker's {@code ErrorWindowSize}.
	 */
	public static final Duration ERROR_WINDOW = Duration.ofSeconds(1);

	/**
	 * A value for {@code allowedConsecutiveErrors}: no number of errors drops the
	 * endpoint.
	 */
	public static final int UNLIMITED = Integer.MAX_VALUE;

	private static final Predicate<Throwable> NOTHING_IS_FATAL = new Predicate<>() {

		@Override
		public boolean test(Throwable error) {
			return false;
		}

		@Override
		public String toString() {
			return "none";
		}

	};

	/**
	 * Checks the settings.
	 * @param mode which exits lead to a restart
	 * @param allowedConsecutiveErrors the number of errors in a row that drops an
	 * endpoint
	 * @param errorWindow the longest run after which a crash is an error
	 * @param backoff the delay before a restart
	 * @param fatal which errors drop an endpoint at once
	 * @param reviveAfter how long after a drop it is started again, or {@code null}
	 * @throws IllegalArgumentException if one makes no sense; the message names it, its
	 * value and the rule
	 */
	public RestartPolicy {
		Objects.requireNonNull(mode, "mode must not be null");
		Objects.requireNonNull(errorWindow, "errorWindow must not be null");
		Objects.requireNonNull(backoff, "backoff must not be null");
		Objects.requireNonNull(fatal, "fatal must not be null");
		Require.that(allowedConsecutiveErrors > 0, "allowedConsecutiveErrors", allowedConsecutiveErrors,
				"must be at least 1, or UNLIMITED");
		Require.that(!errorWindow.isNegative() && !errorWindow.isZero(), "errorWindow", errorWindow,
				"must be longer than zero");
		if (reviveAfter != null) {
			Require.that(!reviveAfter.isNegative() && !reviveAfter.isZero(), "reviveAfter", reviveAfter,
					"must be longer than zero");
		}
	}

	/**
	 * The policy of an endpoint that is given none.
	 * @return {@link RestartMode#ON_FAILURE}, 3 errors, a window of 1 s,
	 * {@link Backoff#defaults()}, nothing fatal
	 */
	public static RestartPolicy defaults() {
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
	 * A builder that starts from this policy.
	 * @return a new builder
	 */
	public Builder toBuilder() {
		return builder().mode(this.mode)
			.allowedConsecutiveErrors(this.allowedConsecutiveErrors)
			.errorWindow(this.errorWindow)
			.backoff(this.backoff)
			.fatal(this.fatal)
			.reviveAfter(this.reviveAfter);
	}

	/**
	 * Decides what follows from a crash.
	 * @param served how long the incarnation served, zero if it never did
	 * @param errorsBefore how many errors in a row there were before this crash
	 * @param fatalError whether the crash is one after which starting again is pointless
	 * @param roll where in the jitter's span the delay lies, see
	 * {@link Backoff#delayAfter(int, double)}
	 * @return a restart or a drop
	 */
	public RestartDecision afterCrash(Duration served, int errorsBefore, boolean fatalError, double roll) {
		return unwordedAfterCrash(served, errorsBefore, fatalError, roll).inWords();
	}

	/**
	 * Decides as {@link #afterCrash}, without the words.
	 * @param served how long the incarnation served, zero if it never did
	 * @param errorsBefore how many errors in a row there were before this crash
	 * @param fatalError whether the crash is one after which starting again is pointless
	 * @param roll where in the jitter's span the delay lies
	 * @return a restart or a drop
	 */
	public UnwordedDecision unwordedAfterCrash(Duration served, int errorsBefore, boolean fatalError, double roll) {
		boolean good = served.compareTo(this.errorWindow) > 0;
		int errors = good ? 0 : saturatedIncrement(errorsBefore);
		if (fatalError) {
			return new UnwordedDecision(this, Reason.FATAL_ERROR, null, errors, served);
		}
		if (!this.mode.restartsAfterCrash()) {
			return new UnwordedDecision(this, Reason.CRASH_IN_MODE, null, errors, served);
		}
		if (good) {
			return new UnwordedDecision(this, Reason.CRASH_AFTER_GOOD_RUN, this.backoff.delayAfter(1, roll), 0, served);
		}
		if (!isUnlimited() && errors >= this.allowedConsecutiveErrors) {
			return new UnwordedDecision(this, Reason.TOO_MANY_ERRORS, this.reviveAfter, errors, served);
		}
		return new UnwordedDecision(this, Reason.ERROR, this.backoff.delayAfter(errors, roll), errors, served);
	}

	/**
	 * Decides what follows from a normal return.
	 * @param errorsBefore how many errors in a row there were before; a return changes
	 * nothing about them
	 * @param roll where in the jitter's span the delay lies, see
	 * {@link Backoff#delayAfter(int, double)}
	 * @return a finish, or under {@link RestartMode#ALWAYS} a restart after the first
	 * delay
	 */
	public RestartDecision afterReturn(int errorsBefore, double roll) {
		return unwordedAfterReturn(errorsBefore, roll).inWords();
	}

	/**
	 * Decides as {@link #afterReturn}, without the words.
	 * @param errorsBefore how many errors in a row there were before
	 * @param roll where in the jitter's span the delay lies
	 * @return a finish or a restart
	 */
	public UnwordedDecision unwordedAfterReturn(int errorsBefore, double roll) {
		return this.mode.restartsAfterReturn()
				? new UnwordedDecision(this, Reason.RETURN, this.backoff.delayAfter(1, roll), errorsBefore,
						Duration.ZERO)
				: new UnwordedDecision(this, Reason.RETURN_IN_MODE, null, errorsBefore, Duration.ZERO);
	}

	/**
	 * Lists the crashes and what would follow from them, for documentation and tests, if
	 * all runs were equally long and no error fatal. Starting and closing take no time,
	 * and the delays are those without jitter. Stops at a drop, even if the endpoint
	 * would be started again. For example
	 * {@code RestartPolicy.defaults().forecast(Duration.ofMillis(400), 9)}: <pre>
	 * crash 1 after 400 ms: error 1 of 3 in a row (served 0.4 s, error window 1 s): restart in 200 ms
	 * crash 2 after 1 s: error 2 of 3 in a row (served 0.4 s, error window 1 s): restart in 400 ms
	 * crash 3 after 1.8 s: error 3 of 3 in a row (served 0.4 s, error window 1 s): drop
	 * </pre>
	 * @param servedPerRun how long each run serves before it crashes, not negative
	 * @param crashes how many crashes to list at most
	 * @return the crashes in their order; unmodifiable
	 * @throws IllegalArgumentException if one of the two is negative
	 */
	public List<Forecast> forecast(Duration servedPerRun, int crashes) {
		Backoff exact = new Backoff(this.backoff.delay(), this.backoff.multiplier(), this.backoff.maxDelay(),
				Duration.ZERO);
		return Forecast.of(toBuilder().backoff(exact).build(), servedPerRun, crashes);
	}

	private boolean isUnlimited() {
		return this.allowedConsecutiveErrors == UNLIMITED;
	}

	private static int saturatedIncrement(int errors) {
		return (errors == Integer.MAX_VALUE) ? errors : errors + 1;
	}

	@Override
	public String toString() {
		return "RestartPolicy[mode=%s, allowedConsecutiveErrors=%s, errorWindow=%s, backoff=%s, fatal=%s, reviveAfter=%s]"
			.formatted(this.mode, isUnlimited() ? "unlimited" : this.allowedConsecutiveErrors, this.errorWindow,
					this.backoff, this.fatal, (this.reviveAfter != null) ? this.reviveAfter : "never");
	}

	/**
	 * Builds a {@link RestartPolicy}. Not thread-safe.
	 */
	public static final class Builder {

		private RestartMode mode = RestartMode.ON_FAILURE;

		private int allowedConsecutiveErrors = ALLOWED_CONSECUTIVE_ERRORS;

		private Duration errorWindow = ERROR_WINDOW;

		private Backoff backoff = Backoff.defaults();

		private Predicate<Throwable> fatal = NOTHING_IS_FATAL;

		private @Nullable Duration reviveAfter;

		private Builder() {
		}

		/**
		 * Sets after which kind of exit an endpoint is started again.
		 * @param mode the mode
		 * @return this builder
		 */
		public Builder mode(RestartMode mode) {
			this.mode = mode;
			return this;
		}

		/**
		 * Sets how many errors in a row drop the endpoint.
		 * @param allowedConsecutiveErrors the count, at least 1, or
		 * {@link RestartPolicy#UNLIMITED}
		 * @return this builder
		 */
		public Builder allowedConsecutiveErrors(int allowedConsecutiveErrors) {
			this.allowedConsecutiveErrors = allowedConsecutiveErrors;
			return this;
		}

		/**
		 * Sets the longest run after which a crash is an error.
		 * @param errorWindow the window, longer than zero
		 * @return this builder
		 */
		public Builder errorWindow(Duration errorWindow) {
			this.errorWindow = errorWindow;
			return this;
		}

		/**
		 * Sets how long to wait before a restart.
		 * @param backoff the delays
		 * @return this builder
		 */
		public Builder backoff(Backoff backoff) {
			this.backoff = backoff;
			return this;
		}

		/**
		 * Sets which exceptions make starting again pointless.
		 * @param fatal asked about an exception and each of its causes
		 * @return this builder
		 */
		public Builder fatal(Predicate<Throwable> fatal) {
			this.fatal = fatal;
			return this;
		}

		/**
		 * Sets how long after a drop for too many errors the endpoint is started again by
		 * itself.
		 * @param reviveAfter the pause, longer than zero; {@code null} for never
		 * @return this builder
		 */
		public Builder reviveAfter(@Nullable Duration reviveAfter) {
			this.reviveAfter = reviveAfter;
			return this;
		}

		/**
		 * Builds the policy.
		 * @return the policy
		 * @throws IllegalArgumentException if a setting makes no sense
		 */
		public RestartPolicy build() {
			return new RestartPolicy(this.mode, this.allowedConsecutiveErrors, this.errorWindow, this.backoff,
					this.fatal, this.reviveAfter);
		}

	}

}
