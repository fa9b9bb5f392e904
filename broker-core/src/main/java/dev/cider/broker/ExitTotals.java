package dev.cider.broker;

import dev.cider.broker.restart.RestartDecision;
import org.jspecify.annotations.Nullable;

/**
 * What has become of an endpoint's incarnations so far. Apart from the rest of an
 * {@link EndpointMachine} because it changes only with those that exit, and most never
 * do.
 *
 * @param crashes how many exits nobody asked for
 * @param drops how often it was given up
 * @param consecutiveErrors errors in a row so far
 * @param lastCrash its latest crash, if there was one
 * @param lastDecision what was decided at its latest exit, if there was one
 */
record ExitTotals(long crashes, long drops, int consecutiveErrors, @Nullable CrashSummary lastCrash,
		@Nullable RestartDecision lastDecision) {

	static final ExitTotals NONE = new ExitTotals(0, 0, 0, null, null);

	ExitTotals crashed(CrashSummary crash, RestartDecision decision) {
		return new ExitTotals(this.crashes + 1, this.drops + (crash.dropped() ? 1 : 0), decision.consecutiveErrors(),
				crash, decision);
	}

	ExitTotals returned(RestartDecision decision) {
		return new ExitTotals(this.crashes, this.drops, this.consecutiveErrors, this.lastCrash, decision);
	}

	/**
	 * The errors so far are forgiven.
	 */
	ExitTotals forgiven() {
		return (this.consecutiveErrors == 0) ? this
				: new ExitTotals(this.crashes, this.drops, 0, this.lastCrash, this.lastDecision);
	}

}
