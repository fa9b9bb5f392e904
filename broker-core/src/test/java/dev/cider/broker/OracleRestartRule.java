package dev.cider.broker;

import java.time.Duration;

import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartDecision;
import dev.cider.broker.restart.RestartPolicy;

import static dev.cider.broker.OracleClaim.claim;

/**
 * An oracle's own reckoning of errors in a row, drops and delays.
 */
final class OracleRestartRule {

	private final RestartPolicy policy;

	private int inARow;

	OracleRestartRule(RestartPolicy policy) {
		this.policy = policy;
	}

	int inARow() {
		return this.inARow;
	}

	void forgive() {
		this.inARow = 0;
	}

	/** The last error does not count. */
	void takeBack() {
		this.inARow--;
	}

	/**
	 * Whether this crash is the last.
	 */
	boolean drops(long servedNanos, boolean fatal) {
		boolean good = servedNanos > this.policy.errorWindow().toNanos();
		this.inARow = good ? 0 : this.inARow + 1;
		boolean limited = this.policy.allowedConsecutiveErrors() != RestartPolicy.UNLIMITED;
		boolean tooMany = !good && limited && this.inARow >= this.policy.allowedConsecutiveErrors();
		return fatal || dropsAtOnce() || tooMany;
	}

	/**
	 * Whether it begins anew by itself after such a drop.
	 */
	boolean revives(boolean fatal) {
		return this.policy.reviveAfter() != null && !fatal && !dropsAtOnce();
	}

	/** A new mode does not compile until this oracle knows it. */
	private boolean dropsAtOnce() {
		return switch (this.policy.mode()) {
			case NEVER -> true;
			case ON_FAILURE, ALWAYS -> false;
		};
	}

	boolean restartsAfterReturn() {
		return switch (this.policy.mode()) {
			case ALWAYS -> true;
			case ON_FAILURE, NEVER -> false;
		};
	}

	/**
	 * Checks the delay of a decision to restart.
	 * @param errors the errors in a row that it counts for, at least 1
	 * @return the delay in nanoseconds
	 */
	long delay(RestartDecision decision, int errors) {
		claim(decision instanceof RestartDecision.Restart, "G16: decides to restart");
		claim(decision.consecutiveErrors() == this.inARow, "G16: the decision counts the errors in a row");
		Duration delay = ((RestartDecision.Restart) decision).delay();
		Backoff backoff = this.policy.backoff();
		claim(delay.compareTo(backoff.delay()) >= 0, "G16: no delay is below the first");
		claim(delay.compareTo(backoff.maxDelay()) <= 0, "G16: no delay is above maxDelay");
		long nanos = delay.toNanos();
		double first = backoff.delay().toNanos();
		if (first > 0) {
			double middle = first;
			for (int i = 1; i < errors && backoff.multiplier() > 1 && middle < backoff.maxDelay().toNanos(); i++) {
				middle *= backoff.multiplier();
			}
			middle = Math.min(middle, backoff.maxDelay().toNanos());
			double spread = backoff.jitter().toNanos() * (middle / first);
			claim(Math.abs(nanos - middle) <= spread + 2, "G16: the delay grows with the errors, within the jitter");
		}
		return nanos;
	}

}
