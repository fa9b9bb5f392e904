package dev.cider.broker;

import java.time.Duration;
import java.util.function.Predicate;

import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;

/**
 * Options by chance, with short time limits and a predicate that cannot be relied on.
 */
final class ChaosOptions {

	private ChaosOptions() {
	}

	static EndpointOptions draw(ChaosDice dice, ChaosLife life, boolean contextual) {
		return EndpointOptions.builder()
			.restartPolicy(policy(dice, life))
			.startTimeout(dice.chance(50) ? ChaosMischief.shortTime(dice) : null)
			.explicitReady(contextual && dice.chance(35))
			.heartbeatTimeout((contextual && dice.chance(70)) ? ChaosMischief.shortTime(dice) : null)
			.closeTimeout(ChaosMischief.shortTime(dice))
			.autoStart(dice.chance(85))
			.build();
	}

	/** Of what serves a broker: mostly it gets the time to see something of it. */
	static EndpointOptions ofGroup(ChaosDice dice, ChaosLife life, boolean contextual) {
		EndpointOptions drawn = draw(dice, life, contextual);
		return dice.chance(10) ? drawn : drawn.toBuilder().startTimeout(null).heartbeatTimeout(null).build();
	}

	/** Of what is served in one: often it drops early, which ends the group. */
	static EndpointOptions ofMember(ChaosDice dice, ChaosLife life, boolean contextual) {
		EndpointOptions drawn = draw(dice, life, contextual);
		return dice.chance(10) ? drawn
				: drawn.toBuilder()
					.restartPolicy(drawn.restartPolicy().toBuilder().mode(RestartMode.NEVER).build())
					.build();
	}

	private static RestartPolicy policy(ChaosDice dice, ChaosLife life) {
		Duration delay = dice.oneOf(Duration.ZERO, Duration.ofMillis(1), Duration.ofMillis(3));
		return RestartPolicy.builder()
			.mode(dice.chance(25) ? RestartMode.ON_FAILURE : dice.oneOf(RestartMode.values()))
			.allowedConsecutiveErrors(dice.oneOf(2, 3, 5, RestartPolicy.UNLIMITED))
			.errorWindow(dice.oneOf(Duration.ofMillis(1), Duration.ofSeconds(1)))
			.backoff(delay.isZero() ? Backoff.none() : Backoff.builder().delay(delay).jitter(delay).build())
			.fatal(new Fatal(life))
			.reviveAfter(dice.chance(30) ? Duration.ofMillis(2) : null)
			.build();
	}

	private record Fatal(ChaosLife life) implements Predicate<Throwable> {

		@Override
		public boolean test(Throwable error) {
			ChaosDice dice = new ChaosDice(this.life.seed(), "fatal", System.identityHashCode(error));
			if (dice.chance(5)) {
				this.life.mischief().fail(dice);
			}
			return dice.chance(3);
		}

		@Override
		public String toString() {
			return "chance";
		}

	}

}
