package dev.cider.broker.lease;

import java.time.Duration;

/**
 * How one node takes part in a lease.
 *
 * @param node its identity, which no other process may have, not even its own successor
 * @param duration how long the text must stand still until another node may take over
 * @param renewEvery how often the holder changes the text, and the others read it
 * @param storeTimeout after this the outcome of a call is taken as unknown
 * @param closeTimeout after this an endpoint that is told to close is interrupted
 */
record LeaseSettings(String node, Duration duration, Duration renewEvery, Duration storeTimeout,
		Duration closeTimeout) {

	private static final Duration INTERRUPT = Duration.ofSeconds(1);

	LeaseSettings {
		require(LeaseText.isNode(node), "node", node, LeaseText.NODE_RULE);
		require(duration.toMillis() > 0, "duration", duration, "must be at least 1 ms");
		require(!renewEvery.isNegative() && !renewEvery.isZero(), "renewEvery", renewEvery, "must be positive");
		require(!storeTimeout.isNegative() && !storeTimeout.isZero(), "storeTimeout", storeTimeout, "must be positive");
		require(!closeTimeout.isNegative(), "closeTimeout", closeTimeout, "must not be negative");
		Duration sum = renewEvery.plus(storeTimeout).plus(closeTimeout).plus(INTERRUPT);
		require(duration.compareTo(sum) > 0, "duration", duration,
				"must be longer than renewEvery " + renewEvery + " + storeTimeout " + storeTimeout + " + closeTimeout "
						+ closeTimeout + " + PT1S for the interrupt = " + sum);
	}

	private static void require(boolean holds, String subject, Object value, String rule) {
		if (!holds) {
			throw new IllegalArgumentException("Invalid lease " + subject + " (" + value + "): " + rule);
		}
	}

	/** How long an endpoint has from the begin of its close to its abandonment. */
	Duration closing() {
		Duration interrupt = (this.closeTimeout.compareTo(INTERRUPT) < 0) ? this.closeTimeout : INTERRUPT;
		return this.closeTimeout.plus(interrupt);
	}

	/** How soon a call that failed at once is followed by the next. */
	Duration retryEvery() {
		return (this.renewEvery.compareTo(INTERRUPT) < 0) ? this.renewEvery : INTERRUPT;
	}

}
