package dev.cider.broker.lease;

import org.jspecify.annotations.Nullable;

/**
 * A command of the {@link LeaseMachine}.
 */
sealed interface LeaseAction {

	/** Read the text. Answered by {@code WasRead} or {@code Failed}, in the end. */
	record Read(long call) implements LeaseAction {
	}

	/**
	 * Change the text. Answered by {@code WasCompared} or {@code Failed}, in the end.
	 *
	 * @param expected the whole text that must be there; {@code null} for none
	 */
	record CompareAndSet(long call, @Nullable String expected, LeaseText next) implements LeaseAction {
	}

	/**
	 * The endpoint may launch.
	 *
	 * @param token the fencing token of what is launched
	 */
	record Admit(long question, long token) implements LeaseAction {
	}

	/**
	 * The endpoint may not launch yet.
	 *
	 * @param why completes "waiting for …"
	 */
	record Bar(long question, String why) implements LeaseAction {
	}

	/**
	 * Close what was admitted, now.
	 *
	 * @param question to which the admission was the answer
	 * @param why a clause that an operator understands
	 */
	record CloseNow(long question, String why) implements LeaseAction {
	}

	/**
	 * Tell everybody that something may still run although its lease has ended, or will.
	 */
	record Overrun(long question, String what) implements LeaseAction {
	}

	/** Arm the timer. It replaces the one before. */
	record Arm(long timer, long nanos) implements LeaseAction {
	}

}
