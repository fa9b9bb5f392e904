package dev.cider.broker;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Drives the machine with random signals in virtual time, from a printed seed, and checks
 * after every step what the broker promises (G1 to G8, G10, G11).
 */
class SimulationTests {

	/** How many signals in all; {@code -Dbroker.steps} for a long night. */
	private static final long STEPS = Long.getLong("broker.steps", 5_000_000);

	private static final int STEPS_PER_WORLD = 120;

	@Test
	void everyPromiseHoldsAfterEveryStepOfRandomLives() {
		long seed = Long.getLong("broker.seed", System.nanoTime());
		System.out.println("SimulationTests: -Dbroker.seed=" + seed);
		RandomGenerator seeds = new SplittableRandom(seed);
		long abandoned = 0;
		long drops = 0;
		long steps = 0;
		while (steps < STEPS) {
			long worldSeed = seeds.nextLong();
			SimulatedWorld simulated = new SimulatedWorld(worldSeed);
			try {
				simulated.live(STEPS_PER_WORLD);
				simulated.end();
			}
			catch (RuntimeException | AssertionError broken) {
				throw new AssertionError("World " + worldSeed + " of seed " + seed + ": " + broken.getMessage() + "\n"
						+ simulated.story(), broken);
			}
			steps += simulated.steps();
			abandoned += simulated.abandoned();
			drops += simulated.drops();
		}
		assertThat(abandoned).as("worlds that abandon something, or the simulation proves little").isGreaterThan(100);
		assertThat(drops).as("worlds that drop something, or the simulation proves little").isGreaterThan(100);
	}

}
