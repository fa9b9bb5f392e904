package dev.cider.broker;

import java.util.ArrayList;
import java.util.List;

/**
 * What an oracle expects to be done to incarnations in one step: all of it, and nothing
 * else.
 */
final class OracleExpectation {

	private final List<Action.OnIncarnation> actions = new ArrayList<>(4);

	void clear() {
		this.actions.clear();
	}

	void add(Action.OnIncarnation action) {
		this.actions.add(action);
	}

	void strike(Action.OnIncarnation action) {
		Action.OnIncarnation plain = (action instanceof Action.Inspect inspect) ? inspection(inspect) : action;
		if (!this.actions.remove(plain)) {
			throw new AssertionError(promise(action) + " (not now)");
		}
	}

	void checkThatAllWasDone() {
		if (!this.actions.isEmpty()) {
			throw new AssertionError(promise(this.actions.get(0)) + " (missing)");
		}
	}

	/** For what is looked at, and for which timer; the words do not matter. */
	private static Action.Inspect inspection(Action.Inspect inspect) {
		return new Action.Inspect(inspect.incarnation(), inspect.timer(), 0, "");
	}

	private static String promise(Action.OnIncarnation action) {
		String what = action.getClass().getSimpleName();
		if (action instanceof Action.Launch) {
			return "G4, G8, G25: " + what + " when nothing else lives, it is wanted, and admitted if that is needed";
		}
		if (action instanceof Action.Serve) {
			return "G2, G8: " + what + " once, when created, never after a stop";
		}
		if (action instanceof Action.Close || action instanceof Action.CloseAside) {
			return "G3: " + what + " exactly once on each instance";
		}
		if (action instanceof Action.Interrupt) {
			return "G10: " + what + " when the close timeout has passed, or at once in create";
		}
		if (action instanceof Action.Inspect) {
			return "G5: " + what + " when a time limit has passed";
		}
		if (action instanceof Action.AnnounceInside) {
			return "G5: " + what + " once to each that serves when the end is announced, or after that";
		}
		if (action instanceof Action.Excuse) {
			return "G5: " + what + " what fails after the end was announced, and nothing else";
		}
		return "G23: " + what + " each waiting thread that has nothing left to do";
	}

}
