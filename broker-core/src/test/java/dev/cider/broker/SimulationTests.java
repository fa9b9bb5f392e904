package dev.cider.broker;

import java.util.random.RandomGenerator;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Drives the machine with random signals in virtual time, from a printed seed, and checks
 * after every step what the broker promises (G1 to G8, G10, G11).
 */
class SimulationTests {

	private static final int WORLDS = 4_000;

	private static final int STEPS_PER_WORLD = 120;

	@Test
	void everyPromiseHoldsAfterEveryStepOfRandomLives() {
		long seed = Long.getLong("broker.seed", System.nanoTime());
		System.out.println("SimulationTests: -Dbroker.seed=" + seed);
		RandomGenerator seeds = new java.util.SplittableRandom(seed);
		long abandoned = 0;
		long drops = 0;
		for (int world = 0; world < WORLDS; world++) {
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
			abandoned += simulated.abandoned();
			drops += simulated.drops();
		}
		assertThat(abandoned).as("worlds that abandon something, or the simulation proves little").isGreaterThan(100);
		assertThat(drops).as("worlds that drop something, or the simulation proves little").isGreaterThan(100);
	}

}
