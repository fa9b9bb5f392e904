package dev.cider.broker.restart;

import java.time.Duration;

import dev.cider.broker.restart.RestartDecision.Drop;
import dev.cider.broker.restart.RestartDecision.Finish;
import dev.cider.broker.restart.RestartDecision.Restart;
import org.jspecify.annotations.Nullable;

/**
 * A {@link RestartDecision} that is not put into words yet. In a storm of crashes few
 * decisions are ever read, and the words take more memory than the rest of a crash. This
 * class serves the supervisor: ask {@link RestartPolicy#afterCrash} for a decision.
 * Immutable. Keeps no reference to the policy, whose predicate may belong to an
 * application that has ended.
 */
public final class UnwordedDecision {

	private final Reason reason;

	private final @Nullable Duration delay;

	private final int consecutiveErrors;

	private final Duration served;

	private final RestartMode mode;

	private final int allowedErrors;

	private final Duration errorWindow;

	/** What explains the error, in words, so that it does not count. */
	private final @Nullable String explainedBy;

	/** A benign race: two readers may each make an equal decision, which is immutable. */
	private @Nullable RestartDecision inWords;

	UnwordedDecision(RestartPolicy policy, Reason reason, @Nullable Duration delay, int consecutiveErrors,
			Duration served) {
		this.reason = reason;
		this.delay = delay;
		this.consecutiveErrors = consecutiveErrors;
		this.served = served;
		this.mode = policy.mode();
		this.allowedErrors = policy.allowedConsecutiveErrors();
		this.errorWindow = policy.errorWindow();
		this.explainedBy = null;
	}

	private UnwordedDecision(UnwordedDecision counted, String explainedBy) {
		this.reason = counted.reason;
		this.delay = counted.delay;
		this.consecutiveErrors = counted.consecutiveErrors - 1;
		this.served = counted.served;
		this.mode = counted.mode;
		this.allowedErrors = counted.allowedErrors;
		this.errorWindow = counted.errorWindow;
		this.explainedBy = explainedBy;
	}

	/**
	 * The same decision after an error that does not count.
	 * @param explanation what explains the error, in words
	 * @return a decision with one error in a row fewer
	 */
	public UnwordedDecision explainedBy(String explanation) {
		return new UnwordedDecision(this, explanation);
	}

	/**
	 * Whether the endpoint is started again after {@link #delay()}.
	 * @return whether the decision is a {@link Restart}
	 */
	public boolean restarts() {
		return this.reason.follows == Follows.RESTART;
	}

	/**
	 * Whether the endpoint is dropped.
	 * @return whether the decision is a {@link Drop}
	 */
	public boolean drops() {
		return this.reason.follows == Follows.DROP;
	}

	/**
	 * How long until the endpoint is started again by itself.
	 * @return the delay of a restart, or the time after which a dropped endpoint is
	 * revived; {@code null} if only an operator can start it
	 */
	public @Nullable Duration delay() {
		return this.delay;
	}

	/**
	 * How many errors in a row the endpoint has had, this exit included.
	 * @return the count, 0 after a run that was long enough to be good
	 */
	public int consecutiveErrors() {
		return this.consecutiveErrors;
	}

	/**
	 * How long the incarnation served before it crashed.
	 * @return the duration, zero if it never served, or if it returned
	 */
	public Duration served() {
		return this.served;
	}

	/**
	 * The decision with its explanation, made at the first call.
	 * @return the decision
	 */
	public RestartDecision inWords() {
		RestartDecision made = this.inWords;
		if (made == null) {
			made = make();
			this.inWords = made;
		}
		return made;
	}

	private RestartDecision make() {
		return switch (this.reason.follows) {
			case RESTART -> new Restart(restartDelay(), this.consecutiveErrors, explanation());
			case FINISH -> new Finish(this.consecutiveErrors, explanation());
			case DROP -> new Drop(this.delay, this.consecutiveErrors, explanation());
		};
	}

	private Duration restartDelay() {
		return (this.delay != null) ? this.delay : Duration.ZERO;
	}

	private String explanation() {
		return (this.explainedBy == null) ? reasonInWords()
				: reasonInWords() + "; taken back, explained by " + this.explainedBy;
	}

	private String reasonInWords() {
		return switch (this.reason) {
			case FATAL_ERROR -> "fatal error (served " + DurationText.seconds(this.served) + "): drop";
			case CRASH_IN_MODE ->
				"crash in mode " + this.mode + " (served " + DurationText.seconds(this.served) + "): drop";
			case CRASH_AFTER_GOOD_RUN -> "crash after a good run (" + servedInWindow() + "): " + restart();
			case ERROR -> error() + restart();
			case TOO_MANY_ERRORS ->
				error() + "drop" + ((this.delay != null) ? ", begin anew in " + DurationText.of(this.delay) : "");
			case RETURN_IN_MODE -> "returned in mode " + this.mode + ": finish";
			case RETURN -> "returned in mode " + this.mode + ": " + restart();
		};
	}

	private String error() {
		String limit = (this.allowedErrors == RestartPolicy.UNLIMITED) ? "" : " of " + this.allowedErrors;
		int errors = this.consecutiveErrors + ((this.explainedBy != null) ? 1 : 0);
		return "error " + errors + limit + " in a row (" + servedInWindow() + "): ";
	}

	private String servedInWindow() {
		return "served " + DurationText.seconds(this.served) + ", error window "
				+ DurationText.seconds(this.errorWindow);
	}

	private String restart() {
		return restartDelay().isZero() ? "restart at once" : "restart in " + DurationText.of(restartDelay());
	}

	@Override
	public String toString() {
		return inWords().toString();
	}

	/** Why the policy decided so. */
	enum Reason {

		FATAL_ERROR(Follows.DROP),

		/** The mode never starts an endpoint again. */
		CRASH_IN_MODE(Follows.DROP),

		CRASH_AFTER_GOOD_RUN(Follows.RESTART),

		ERROR(Follows.RESTART),

		TOO_MANY_ERRORS(Follows.DROP),

		/** The mode does not start an endpoint again that returned. */
		RETURN_IN_MODE(Follows.FINISH),

		RETURN(Follows.RESTART);

		private final Follows follows;

		Reason(Follows follows) {
			this.follows = follows;
		}

	}

	private enum Follows {

		RESTART, FINISH, DROP

	}

}
