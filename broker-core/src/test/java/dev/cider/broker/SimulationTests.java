package dev.cider.broker;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Drives the machine with random signals in virtual time, from a printed seed, and checks
 * after every step what the broker promises (G1 to G8, G10, G11, G25).
 */
class SimulationTests {

	/** How many signals in all; {@code -Dbroker.steps} for a long night. */
	private static final long STEPS = Long.getLong("broker.steps", 5_000_000);

	/** {@code -Dbroker.world} plays one world again. */
	private static final Long WORLD = Long.getLong("broker.world");

	@Test
	void everyPromiseHoldsAfterEveryStepOfRandomLives() {
		if (WORLD != null) {
			new Simulation(0, SimulatedMachine.SOUND).playWorld(WORLD);
			return;
		}
		long seed = Long.getLong("broker.seed", System.nanoTime());
		System.out.println("SimulationTests: -Dbroker.seed=" + seed);
		long began = System.nanoTime();
		Simulation simulation = new Simulation(seed, SimulatedMachine.SOUND).play(STEPS);
		System.out.println("SimulationTests: " + simulation + ", " + (System.nanoTime() - began) / 1_000_000 + " ms");
		assertThat(simulation.abandoned()).as("incarnations abandoned, or this proves little").isGreaterThan(100);
		assertThat(simulation.drops()).as("drops, or this proves little").isGreaterThan(100);
		assertThat(simulation.endedByThemselves()).as("brokers that end, or this proves little").isGreaterThan(100);
		assertThat(simulation.admissions()).as("admissions, or this proves little").isGreaterThan(100);
		assertThat(simulation.explanations()).as("errors taken back, or this proves little").isGreaterThan(100);
		assertThat(simulation.continued()).as("brokers that go on, or this proves little").isGreaterThan(100);
	}

}
