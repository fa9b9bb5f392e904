package dev.cider.broker.sample.load;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * One round of one variant.
 *
 * @param perSecond requests answered in a second, with many on their way
 * @param p50 the median time of one alone, in microseconds
 * @param p99 the time that one in a hundred exceeds, in microseconds
 */
record Sampled(double perSecond, double p50, double p99) {

	static Sampled of(double perSecond, long[] nanos) {
		Arrays.sort(nanos);
		return new Sampled(perSecond, nanos[nanos.length / 2] / 1e3, nanos[(int) (nanos.length * 0.99)] / 1e3);
	}

	/**
	 * The median of each figure over the rounds.
	 */
	static Sampled median(List<Sampled> rounds) {
		return new Sampled(median(rounds, Sampled::perSecond), median(rounds, Sampled::p50),
				median(rounds, Sampled::p99));
	}

	private static double median(List<Sampled> rounds, ToDoubleFunction<Sampled> figure) {
		double[] sorted = rounds.stream().mapToDouble(figure).sorted().toArray();
		return sorted[sorted.length / 2];
	}

}
