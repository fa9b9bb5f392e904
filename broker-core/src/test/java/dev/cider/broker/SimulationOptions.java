package dev.cider.broker;

import java.time.Duration;

import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;

/**
 * Options and policies by chance.
 */
final class SimulationOptions {

	private SimulationOptions() {
	}

	static EndpointOptions draw(SimulationChance chance) {
		return EndpointOptions.builder()
			.startTimeout(chance.percent(40) ? chance.millis(1, 50) : null)
			.explicitReady(chance.percent(30))
			.heartbeatTimeout(chance.percent(40) ? chance.millis(100, 1000) : null)
			.closeTimeout(chance.millis(1, 3000))
			.restartPolicy(policy(chance))
			.autoStart(chance.percent(80))
			.replaceAbandoned(chance.percent(70))
			.build();
	}

	/** Of an endpoint that will sooner or later finish or be dropped for good. */
	static EndpointOptions mortal(SimulationChance chance) {
		return EndpointOptions.builder()
			.closeTimeout(chance.millis(1, 100))
			.restartPolicy(RestartPolicy.builder()
				.mode(chance.percent(50) ? RestartMode.NEVER : RestartMode.ON_FAILURE)
				.allowedConsecutiveErrors(chance.between(1, 2))
				.errorWindow(Duration.ofSeconds(3))
				.reviveAfter(chance.percent(10) ? chance.millis(1, 2000) : null)
				.build())
			.build();
	}

	private static RestartPolicy policy(SimulationChance chance) {
		Duration delay = chance.percent(25) ? Duration.ZERO : chance.millis(1, 300);
		RestartMode[] modes = RestartMode.values();
		RestartMode mode = chance.percent(50) ? RestartMode.ON_FAILURE : modes[chance.between(0, modes.length - 1)];
		return RestartPolicy.builder()
			.mode(mode)
			.allowedConsecutiveErrors(chance.percent(20) ? RestartPolicy.UNLIMITED : chance.between(1, 5))
			.errorWindow(chance.millis(1, 1500))
			.backoff(Backoff.builder()
				.delay(delay)
				.multiplier(chance.between(2, 6) / 2.0)
				.maxDelay(delay.multipliedBy(chance.between(1, 9)))
				.jitter(chance.millis(0, 99))
				.build())
			.reviveAfter(chance.percent(30) ? chance.millis(1, 2000) : null)
			.build();
	}

}
