package dev.cider.broker.sample.exchange;

import java.time.Duration;

/**
 * The limits of each client of an {@link Exchange}.
 *
 * @param callTimeout how long a provider may take to answer a call
 * @param maxPendingCalls how many calls of one client may wait for their answers
 * @param maxMethods how many methods one client may provide
 */
public record Limits(Duration callTimeout, int maxPendingCalls, int maxMethods) {

	private static final Duration LONGEST = Duration.ofDays(1);

	/**
	 * 30 seconds, 1000 calls, 1000 methods.
	 */
	public static final Limits DEFAULTS = new Limits(Duration.ofSeconds(30), 1000, 1000);

	/**
	 * Checks the limits.
	 * @param callTimeout how long a provider may take to answer a call
	 * @param maxPendingCalls how many calls of one client may wait
	 * @param maxMethods how many methods one client may provide
	 * @throws IllegalArgumentException if a limit is out of its range
	 */
	public Limits {
		if (callTimeout.isNegative() || callTimeout.isZero() || callTimeout.compareTo(LONGEST) > 0) {
			throw new IllegalArgumentException(
					"call-timeout is " + callTimeout + ", but must be longer than zero and at most a day");
		}
		requirePositive("max-pending-calls", maxPendingCalls);
		requirePositive("max-methods", maxMethods);
	}

	private static void requirePositive(String name, int value) {
		if (value < 1) {
			throw new IllegalArgumentException(name + " is " + value + ", but must be at least 1");
		}
	}

}
