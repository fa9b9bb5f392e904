package dev.cider.broker;

import java.time.Duration;
import java.util.SplittableRandom;

/**
 * The dice of a simulated world. Each part of it rolls its own, so that leaving one part
 * out does not change the luck of the others.
 */
final class SimulationChance {

	private final SplittableRandom random;

	SimulationChance(long seed) {
		this(new SplittableRandom(seed));
	}

	private SimulationChance(SplittableRandom random) {
		this.random = random;
	}

	SimulationChance split() {
		return new SimulationChance(this.random.split());
	}

	boolean percent(int percent) {
		return this.random.nextInt(100) < percent;
	}

	/** Both bounds included. */
	int between(int least, int most) {
		return this.random.nextInt(least, most + 1);
	}

	Duration millis(int least, int most) {
		return Duration.ofMillis(between(least, most));
	}

	long nanosWithin(int millis) {
		return this.random.nextLong(1_000_000L * millis);
	}

	double roll() {
		return this.random.nextDouble();
	}

}
