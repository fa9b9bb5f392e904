package dev.cider.broker;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Plays random worlds around a group: G27.
 */
class GroupSimulationTests {

	private static final long SEED = Long.getLong("broker.seed", new SplittableRandom().nextLong());

	private static final long STEPS = Long.getLong("broker.steps", 1_000_000);

	/** Enough for every mistake to be seen. */
	private static final int WORLDS_OF_A_MUTANT = 3000;

	@Test
	void g27HoldsInEveryWorld() {
		RandomGenerator seeds = new SplittableRandom(SEED);
		long steps = 0;
		int worlds = 0;
		for (; steps < STEPS; worlds++) {
			steps += play(seeds.nextLong(), GroupMutant.SOUND);
		}
		System.out.printf("GroupSimulationTests: seed %d: %,d steps in %,d worlds%n", SEED, steps, worlds);
	}

	@ParameterizedTest
	@MethodSource("dev.cider.broker.GroupMutant#mistaken")
	void everyMistakeIsSeen(GroupMutant mutant) {
		RandomGenerator seeds = new SplittableRandom(SEED);
		assertThatThrownBy(() -> {
			for (int i = 0; i < WORLDS_OF_A_MUTANT; i++) {
				play(seeds.nextLong(), mutant);
			}
		}).as("%s lives, seed %d", mutant, SEED).isInstanceOf(AssertionError.class).hasMessageContaining("G27");
	}

	private static long play(long seed, GroupMutant mutant) {
		try {
			return new GroupWorld(seed, mutant).play();
		}
		catch (RuntimeException | AssertionError broken) {
			throw new AssertionError(mutant + " in the world of seed " + seed + ": " + broken.getMessage(), broken);
		}
	}

}
