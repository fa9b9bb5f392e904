package dev.cider.broker.restart;

/**
 * Refuses a setting that makes no sense, always in the same words: subject, value, rule.
 */
final class Require {

	private Require() {
	}

	static void that(boolean holds, String subject, Object value, String rule) {
		if (!holds) {
			throw new IllegalArgumentException("Invalid " + subject + " (" + value + "): " + rule);
		}
	}

}
