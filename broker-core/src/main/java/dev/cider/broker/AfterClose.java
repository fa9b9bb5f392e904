package dev.cider.broker;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Where an endpoint goes when its closing incarnation is out of the way.
 */
sealed interface AfterClose {

	Rest REST = new Rest();

	Finish FINISH = new Finish();

	/** Stay stopped. */
	record Rest() implements AfterClose {
	}

	/** Be finished. */
	record Finish() implements AfterClose {
	}

	/**
	 * Be dropped.
	 *
	 * @param crashed when the last run ended
	 * @param reviveAfter from then until it begins anew by itself, if it does
	 */
	record Drop(Moment crashed, @Nullable Duration reviveAfter) implements AfterClose {
	}

	/** Start again after a delay. */
	record Retry(Duration delay) implements AfterClose {
	}

	/**
	 * Start again at once, at an operator's request.
	 *
	 * @param restart whether it counts as a restart
	 * @param clean whether the errors so far are forgiven
	 */
	record Relaunch(boolean restart, boolean clean) implements AfterClose {
	}

}
