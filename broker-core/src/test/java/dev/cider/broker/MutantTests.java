package dev.cider.broker;

import java.util.List;
import java.util.stream.LongStream;

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
	void aFailurePrintsTheShortestStoryThatWasFoundAndHowToSeeItAgain() {
		Mutant mutant = Mutant.OBEYS_A_LATE_INSPECTION;
		SimulationCounterexample found = LongStream.iterate(SEED, (seed) -> seed + 1)
			.mapToObj((seed) -> SimulationCounterexample.of(seed, mutant))
			.filter((counterexample) -> counterexample != null && counterexample.steps() > 30)
			.filter((counterexample) -> counterexample.broken().getMessage().startsWith("G5, G6:"))
			.findFirst()
			.orElseThrow();
		String message = catchThrowable(() -> new Simulation(0, mutant).playWorld(found.seed())).getMessage();
		assertThat(message).as("the same again").isEqualTo(found.toString());
		assertThat(message).startsWith("G5, G6: one report for each crash, and for nothing else\nafter " + found.steps()
				+ " steps of -Dbroker.world=" + found.seed() + "; the same after " + found.storySteps() + " steps");
		List<String> scenes = message.lines().filter((line) -> line.contains(" ms, ")).toList();
		assertThat(scenes).hasSize(found.storySteps()).hasSizeLessThan(found.steps());
		assertThat(scenes.get(scenes.size() - 1)).as("the step that breaks it").contains("TimedOut", "TellCrash");
		assertThat(new Simulation(0, SimulatedMachine.SOUND).playWorld(found.seed()).steps())
			.as("a sound machine goes on")
			.isGreaterThan(found.storySteps());
	}

	@Test
	void theMachineLivesWhereAllMutantsDie() {
		assertThatCode(() -> new Simulation(SEED, SimulatedMachine.SOUND).play(STEPS)).doesNotThrowAnyException();
	}

}
