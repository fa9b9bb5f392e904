package dev.cider.broker.lease;

import org.jspecify.annotations.Nullable;

/**
 * An input of the {@link LeaseMachine}. Those of the endpoint come in the order in which
 * they happened.
 */
sealed interface LeaseSignal {

	/**
	 * The endpoint asks whether it may launch: all that it waits for is the lease. A
	 * later question replaces an earlier one.
	 *
	 * @param question its number, which grows
	 */
	record Asked(long question) implements LeaseSignal {
	}

	/**
	 * The endpoint does not want to run here: it was dropped or stopped, its context is
	 * paused, or a gate is shut. What lives of it is being closed. An endpoint that waits
	 * to be restarted, or has finished, does not send this: it keeps the lease.
	 */
	record Withdrawn() implements LeaseSignal {
	}

	/**
	 * Nothing lives any more of what was admitted. Follows each admission once, also when
	 * the endpoint did not launch after all.
	 *
	 * @param question to which the admission was the answer
	 */
	record Ended(long question) implements LeaseSignal {
	}

	/**
	 * What was admitted did not close in time. It lives, until {@link Ended} follows.
	 *
	 * @param question to which the admission was the answer
	 */
	record Abandoned(long question) implements LeaseSignal {
	}

	/** An operator wants the endpoint to run on another node. */
	record StepDown() implements LeaseSignal {
	}

	/**
	 * This node has another number of leases. It is written with the next renewal.
	 */
	record LoadChanged(int load) implements LeaseSignal {
	}

	/** The timer has fired. */
	record TimerFired(long timer) implements LeaseSignal {
	}

	/**
	 * A read has ended, perhaps after its time.
	 *
	 * @param text what it read; {@code null} if there is none
	 */
	record WasRead(long call, @Nullable String text) implements LeaseSignal {
	}

	/**
	 * A compare-and-set has ended, perhaps after its time.
	 *
	 * @param done whether it changed the text
	 */
	record WasCompared(long call, boolean done) implements LeaseSignal {
	}

	/**
	 * A call has ended with an exception, or could not be made: its outcome is unknown.
	 */
	record Failed(long call, String why) implements LeaseSignal {
	}

}
