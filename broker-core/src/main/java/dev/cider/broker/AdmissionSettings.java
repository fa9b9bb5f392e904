package dev.cider.broker;

import java.time.Duration;

/**
 * How a broker admits its endpoints.
 *
 * @param pollInterval how long after an answer a gate is asked again
 * @param timeout how long a gate may take to answer
 * @param evicts whether a gate that is seen shut also closes the endpoints that serve
 * @param mostStarting how many endpoints may be starting at once; 0 for any number
 */
record AdmissionSettings(Duration pollInterval, Duration timeout, boolean evicts, int mostStarting) {

	static final AdmissionSettings DEFAULTS = new AdmissionSettings(Duration.ofSeconds(2), Duration.ofSeconds(5), false,
			0);

	AdmissionSettings {
		requireLongerThanZero("gatePollInterval", pollInterval);
		requireLongerThanZero("gateTimeout", timeout);
		if (mostStarting < 0) {
			throw new IllegalArgumentException(
					"Invalid maxConcurrentStarts (" + mostStarting + "): must be at least 1, or 0 for no limit");
		}
	}

	private static void requireLongerThanZero(String name, Duration duration) {
		if (duration.isNegative() || duration.isZero()) {
			throw new IllegalArgumentException("Invalid " + name + " (" + duration + "): must be longer than zero");
		}
	}

	boolean limitsStarts() {
		return this.mostStarting > 0;
	}

}
