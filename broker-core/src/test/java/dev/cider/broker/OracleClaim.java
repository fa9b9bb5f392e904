package dev.cider.broker;

/**
 * What the oracles hold a simulated broker to.
 */
final class OracleClaim {

	private OracleClaim() {
	}

	/** The words are constant, for this is asked a hundred million times. */
	static void claim(boolean holds, String promise) {
		if (!holds) {
			throw new AssertionError(promise);
		}
	}

}
