package dev.cider.broker;

import java.time.Duration;

/**
 * Where an endpoint goes when its closing incarnation is out of the way.
 */
sealed interface Next {

	/** Stay stopped. */
	record Rest() implements Next {
	}

	/** Be finished. */
	record Finish() implements Next {
	}

	/** Be dropped. */
	record Drop() implements Next {
	}

	/** Start again after a delay. */
	record Retry(Duration delay) implements Next {
	}

	/**
	 * Start again at once, by an operator's wish.
	 *
	 * @param restart whether it counts as a restart
	 * @param clean whether the errors so far are forgiven
	 */
	record Relaunch(boolean restart, boolean clean) implements Next {
	}

}
