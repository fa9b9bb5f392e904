package dev.cider.broker;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Shows what the simulation is worth: every {@link Mutant} of the machine dies in it, and
 * only the machine itself lives.
 */
class MutantTests {

	/** The same worlds for all, so that a mutant dies in every build or in none. */
	private static final long SEED = 1;

	private static final long STEPS = 200_000;

	@ParameterizedTest
	@EnumSource
	void theSimulationKillsTheMutant(Mutant mutant) {
		Simulation simulation = new Simulation(SEED, mutant);
		Throwable killed = catchThrowable(() -> simulation.play(STEPS));
		assertThat(killed).as(mutant + " lives").isInstanceOf(AssertionError.class);
		System.out.println("MutantTests: " + mutant + " dies after " + simulation.steps() + " steps: "
				+ killed.getMessage().lines().findFirst().orElseThrow());
	}

	@Test
	void theMachineLivesWhereAllMutantsDie() {
		assertThatCode(() -> new Simulation(SEED, Brain.SOUND).play(STEPS)).doesNotThrowAnyException();
	}

}
