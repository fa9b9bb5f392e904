package dev.cider.broker.restart;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * What follows from one exit of an endpoint, and why.
 */
public sealed interface RestartDecision {

	/**
	 * How many errors in a row the endpoint has had, this exit included.
	 * @return the count, 0 after a run that was long enough to be good
	 */
	int consecutiveErrors();

	/**
	 * The decision and its reason in one line, for people: for example
	 * {@code error 2 of 3 in a row (served 0.4 s, error window 1 s): restart in 400 ms}.
	 * @return the explanation
	 */
	String explanation();

	/**
	 * The endpoint is started again.
	 *
	 * @param delay how long to wait, from the end of the incarnation that exited; zero
	 * for not at all
	 * @param consecutiveErrors errors in a row, this exit included
	 * @param explanation the reason in one line
	 */
	record Restart(Duration delay, int consecutiveErrors, String explanation) implements RestartDecision {
	}

	/**
	 * The endpoint returned by itself and is not started again.
	 *
	 * @param consecutiveErrors errors in a row, as they were before
	 * @param explanation the reason in one line
	 */
	record Finish(int consecutiveErrors, String explanation) implements RestartDecision {
	}

	/**
	 * The endpoint is dropped.
	 *
	 * @param reviveAfter how long until it is started again by itself; {@code null} if
	 * only an operator can start it
	 * @param consecutiveErrors errors in a row, this exit included
	 * @param explanation the reason in one line
	 */
	record Drop(@Nullable Duration reviveAfter, int consecutiveErrors, String explanation) implements RestartDecision {
	}

}
