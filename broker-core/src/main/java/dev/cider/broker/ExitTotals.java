package dev.cider.broker;

import java.util.Objects;

import dev.cider.broker.restart.UnwordedDecision;
import org.jspecify.annotations.Nullable;

/**
 * Totals of the exits of an endpoint's incarnations. A record of its own beside the
 * {@link EndpointMachine} because it changes only with an exit, and most incarnations
 * never exit.
 *
 * @param crashes how many exits were crashes
 * @param drops how often the endpoint was dropped
 * @param consecutiveErrors errors in a row so far
 * @param lastCrash its latest crash, if there was one
 * @param lastDecision what was decided at its latest exit, if there was one
 */
record ExitTotals(long crashes, long drops, int consecutiveErrors, @Nullable CrashEntry lastCrash,
		@Nullable UnwordedDecision lastDecision) {

	static final ExitTotals NONE = new ExitTotals(0, 0, 0, null, null);

	ExitTotals crashed(CrashEntry crash, UnwordedDecision decision) {
		return new ExitTotals(this.crashes + 1, this.drops + (crash.dropped() ? 1 : 0), decision.consecutiveErrors(),
				crash, decision);
	}

	ExitTotals returned(UnwordedDecision decision) {
		return new ExitTotals(this.crashes, this.drops, this.consecutiveErrors, this.lastCrash, decision);
	}

	/**
	 * Whether the latest exit was an error, and counts still.
	 */
	boolean endedInError() {
		return this.consecutiveErrors > 0 && this.lastCrash != null && this.lastCrash.decision() == this.lastDecision;
	}

	/**
	 * The latest error does not count: the endpoint could not help it.
	 */
	ExitTotals takenBack(String why) {
		UnwordedDecision decision = Objects.requireNonNull(this.lastDecision, "nothing was decided yet");
		return new ExitTotals(this.crashes, this.drops, this.consecutiveErrors - 1, this.lastCrash,
				decision.explainedBy(why));
	}

	/**
	 * The count of errors in a row begins at 0 again.
	 */
	ExitTotals forgiven() {
		return (this.consecutiveErrors == 0) ? this
				: new ExitTotals(this.crashes, this.drops, 0, this.lastCrash, this.lastDecision);
	}

}
