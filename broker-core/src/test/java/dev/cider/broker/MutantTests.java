package dev.cider.broker;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
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
		Simulation simulation = new Simulation(SEED, Mutant.OBEYS_A_LATE_INSPECTION);
		String message = catchThrowable(() -> simulation.play(STEPS)).getMessage();
		Matcher told = Pattern.compile("after (\\d+) steps of -Dbroker.world=(-?\\d+); the same after (\\d+) steps")
			.matcher(message);
		assertThat(told.find()).as(message).isTrue();
		List<String> scenes = message.lines().filter((line) -> line.contains(" ms, ")).toList();
		assertThat(scenes).hasSize(Integer.parseInt(told.group(3))).hasSizeLessThan(Integer.parseInt(told.group(1)));
		assertThat(scenes.get(scenes.size() - 1)).as("the step that breaks it is the last")
			.contains("TimedOut")
			.contains("TellCrash");
		long world = Long.parseLong(told.group(2));
		assertThatThrownBy(() -> new Simulation(0, Mutant.OBEYS_A_LATE_INSPECTION).playWorld(world))
			.as("the same world")
			.hasMessage(message);
		assertThat(new Simulation(0, Brain.SOUND).playWorld(world).steps()).isGreaterThan(scenes.size());
	}

	@Test
	void theMachineLivesWhereAllMutantsDie() {
		assertThatCode(() -> new Simulation(SEED, Brain.SOUND).play(STEPS)).doesNotThrowAnyException();
	}

}
