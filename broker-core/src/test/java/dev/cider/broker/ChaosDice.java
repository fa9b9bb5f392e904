package dev.cider.broker;

import java.time.Duration;
import java.util.SplittableRandom;

/**
 * Chance that depends on a seed and on what it decides, not on which thread asks first: a
 * life on real threads never repeats itself exactly, but its characters do. For one
 * thread.
 */
final class ChaosDice {

	private final SplittableRandom random;

	ChaosDice(long seed, Object... purpose) {
		long mixed = seed;
		for (Object part : purpose) {
			mixed = mixed * 0x9E3779B97F4A7C15L + part.hashCode();
		}
		this.random = new SplittableRandom(mixed);
	}

	boolean chance(int percent) {
		return this.random.nextInt(100) < percent;
	}

	int upTo(int most) {
		return this.random.nextInt(most + 1);
	}

	long next() {
		return this.random.nextLong();
	}

	@SafeVarargs
	final <T> T oneOf(T... choices) {
		return choices[this.random.nextInt(choices.length)];
	}

	Duration micros(int least, int most) {
		return Duration.ofNanos(1000L * this.random.nextInt(least, most + 1));
	}

}
