package dev.cider.broker;

import java.time.Duration;

/**
 * A command of the {@link Admissions} to their desk.
 */
sealed interface DeskAction {

	/** Pass a signal to an endpoint. */
	record Tell(Applicant to, Signal signal) implements DeskAction {
	}

	/** Ask a gate, on a thread of its own. */
	record AskGate(GateWatch gate, long ask) implements DeskAction {
	}

	/** Arm a gate's timer. It replaces the one before. */
	record ArmGate(GateWatch gate, long timer, Duration delay) implements DeskAction {
	}

	/** No endpoint has this gate any more: nothing of it is to be kept. */
	record Forget(GateWatch gate) implements DeskAction {
	}

	/** Tell {@link DeskSignal.TurnsDue} after a delay. */
	record ArmTurns(Duration delay) implements DeskAction {
	}

	/**
	 * Log that a gate was seen shut or open.
	 *
	 * @param what a whole sentence
	 */
	record Note(String what) implements DeskAction {
	}

}
