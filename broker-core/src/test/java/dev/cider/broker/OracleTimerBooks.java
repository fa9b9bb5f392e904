package dev.cider.broker;

import org.jspecify.annotations.Nullable;

import static dev.cider.broker.OracleClaim.claim;

/**
 * An oracle's books of an endpoint's one timer.
 */
final class OracleTimerBooks {

	private long latest;

	private boolean awaited;

	private long due;

	/**
	 * Whether what fired is what was awaited. It fires once.
	 */
	boolean fires(Signal.TimerFired fired, long now) {
		boolean current = this.awaited && fired.timer() == this.latest;
		if (current) {
			claim(now >= this.due, "the world's timers do not fire early");
			this.awaited = false;
		}
		return current;
	}

	void note(Action action, long now) {
		if (action instanceof Action.Arm arm) {
			claim(arm.timer() > this.latest, "G23: each armed timer has a number of its own");
			this.latest = arm.timer();
			this.awaited = true;
			this.due = now + arm.delay().toNanos();
		}
		else if (action instanceof Action.Disarm) {
			this.awaited = false;
		}
	}

	/**
	 * Checks what is awaited now.
	 * @param expected when the timer shall fire, if at all
	 */
	void check(@Nullable Long expected) {
		if (expected == null) {
			claim(!this.awaited, "no timer is awaited where nothing has a limit");
		}
		else {
			claim(this.awaited, "a timer is awaited where something has a limit");
			claim(this.due == expected, "G10, G16, G18: the timer is due when the limit is reached");
		}
	}

	long latest() {
		return this.latest;
	}

}
