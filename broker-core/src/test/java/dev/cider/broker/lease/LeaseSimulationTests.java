package dev.cider.broker.lease;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Plays random worlds around the {@link LeaseMachine}: there are never two valid holders,
 * and exactly one node runs the endpoint once nothing is broken any more.
 */
class LeaseSimulationTests {

	private static final long SEED = Long.getLong("broker.seed", new SplittableRandom().nextLong());

	private static final long STEPS = Long.getLong("broker.steps", 1_000_000);

	/** Enough for every mistake to be seen. */
	private static final int WORLDS_OF_A_MUTANT = 3000;

	@Test
	void thereAreNeverTwoValidHoldersAndInTheEndExactlyOne() {
		RandomGenerator seeds = new SplittableRandom(SEED);
		long steps = 0;
		int worlds = 0;
		for (; steps < STEPS; worlds++) {
			steps += play(seeds.nextLong(), LeaseMutant.SOUND);
		}
		System.out.printf("LeaseSimulationTests: seed %d: %,d steps in %,d worlds%n", SEED, steps, worlds);
	}

	@ParameterizedTest
	@MethodSource("dev.cider.broker.lease.LeaseMutant#mistaken")
	void everyMistakeIsSeen(LeaseMutant mutant) {
		RandomGenerator seeds = new SplittableRandom(SEED);
		assertThatThrownBy(() -> {
			for (int i = 0; i < WORLDS_OF_A_MUTANT; i++) {
				play(seeds.nextLong(), mutant);
			}
		}).as("%s lives, seed %d", mutant, SEED).isInstanceOf(AssertionError.class).hasMessageContaining("Lease: ");
	}

	private static long play(long seed, LeaseMutant mutant) {
		try {
			return new LeaseWorld(seed, mutant).play();
		}
		catch (RuntimeException | AssertionError broken) {
			throw new AssertionError(mutant + " in the world of seed " + seed + ": " + broken.getMessage(), broken);
		}
	}

}
