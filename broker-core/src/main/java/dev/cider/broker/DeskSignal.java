package dev.cider.broker;

import org.jspecify.annotations.Nullable;

/**
 * An input of the {@link Admissions}. Signals that concern one endpoint come in the order
 * in which they happened.
 */
sealed interface DeskSignal {

	/**
	 * An endpoint's launches must be admitted from now on. Told before it asks for the
	 * first time.
	 *
	 * @param expected whether it will ask for the first time by itself
	 */
	record Joined(Applicant applicant, boolean expected) implements DeskSignal {
	}

	/**
	 * An endpoint was removed. Told after all else about it, and before another one of
	 * its id joins.
	 */
	record Left(String id) implements DeskSignal {
	}

	/**
	 * An endpoint asks whether it may launch, see {@link Action.Ask}. Told before the
	 * move of the same step.
	 */
	record Asked(String id, long question, boolean requested) implements DeskSignal {
	}

	/**
	 * An endpoint does not ask any more, see {@link Action.Withdraw}.
	 */
	record Withdrawn(String id, long question) implements DeskSignal {
	}

	/**
	 * An endpoint has another state or incarnation.
	 *
	 * @param incarnation its latest incarnation
	 * @param served whether it has ever served or finished, in this broker
	 * @param failed whether that one ended by itself, and the endpoint starts again
	 * because of that
	 */
	record Moved(String id, EndpointState state, long incarnation, boolean served,
			boolean failed) implements DeskSignal {
	}

	/**
	 * A gate has answered.
	 *
	 * @param ask the number of the question that the gate was asked
	 * @param shut why it is shut; {@code null} if it is open
	 */
	record Answered(GateWatch gate, long ask, @Nullable String shut) implements DeskSignal {
	}

	/**
	 * No thread could be started to ask a gate.
	 *
	 * @param ask the number of the question that the gate was not asked
	 */
	record NotAsked(GateWatch gate, long ask) implements DeskSignal {
	}

	/**
	 * A gate's timer has fired.
	 *
	 * @param late by how much it fired later than it was due, in nanoseconds
	 */
	record GateDue(GateWatch gate, long timer, long late) implements DeskSignal {
	}

	/** It is time to tell those who wait for their turn where they stand. */
	record TurnsDue() implements DeskSignal {
	}

}
