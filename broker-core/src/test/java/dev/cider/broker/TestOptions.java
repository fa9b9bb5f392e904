package dev.cider.broker;

import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartPolicy;

/**
 * The options that many tests need: restarts without a delay, as no test waits for one.
 */
final class TestOptions {

	private TestOptions() {
	}

	/**
	 * Restarts at once, and is never dropped for too many errors.
	 */
	static EndpointOptions restartAtOnce() {
		return with(unlimited());
	}

	/**
	 * Restarts at once, and is dropped at the third error in a row.
	 */
	static EndpointOptions restartAtOnceUntilDropped() {
		return with(atOnce());
	}

	static RestartPolicy.Builder atOnce() {
		return RestartPolicy.builder().backoff(Backoff.none());
	}

	static RestartPolicy.Builder unlimited() {
		return atOnce().allowedConsecutiveErrors(RestartPolicy.UNLIMITED);
	}

	static EndpointOptions with(RestartPolicy.Builder policy) {
		return with(policy.build());
	}

	static EndpointOptions with(RestartPolicy policy) {
		return EndpointOptions.builder().restartPolicy(policy).build();
	}

}
