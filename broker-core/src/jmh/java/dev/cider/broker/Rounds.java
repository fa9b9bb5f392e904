package dev.cider.broker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Lets all sides take their turn, round by round in another order, and keeps what was
 * measured.
 */
final class Rounds {

	private final Map<String, Map<Side, List<Double>>> values = new LinkedHashMap<>();

	private final int n;

	/**
	 * So many rounds.
	 * @param n the number of endpoints
	 */
	Rounds(int n) {
		this.n = n;
	}

	Rounds run(int rounds, Trial trial) {
		Side[] sides = Side.values();
		for (int round = 0; round < rounds; round++) {
			for (int i = 0; i < sides.length; i++) {
				Side side = sides[(round + i) % sides.length];
				trial.run(side, (name, value) -> add(name, side, value));
			}
		}
		return this;
	}

	private void add(String name, Side side, double value) {
		this.values.computeIfAbsent(name, (absent) -> new EnumMap<>(Side.class))
			.computeIfAbsent(side, (absent) -> new ArrayList<>())
			.add(value);
	}

	/**
	 * One figure.
	 * @param name what was measured
	 * @param floor the floor that the budget names
	 * @param unit of the values
	 */
	Figure figure(String name, Side floor, String unit) {
		return figure(name, name, floor, unit);
	}

	Figure figure(String name, String measured, Side floor, String unit) {
		Map<Side, List<Double>> bySide = this.values.get(measured);
		Side other = (floor == Side.LOOP) ? Side.FRESH : Side.LOOP;
		double ours = median(bySide.get(Side.OURS));
		double least = median(bySide.get(floor));
		double otherLeast = median(bySide.get(other));
		return new Figure().text("name", name)
			.number("n", this.n)
			.number("ours", ours)
			.number("floor", least)
			.number("ratio", ratio(ours, least))
			.text("unit", unit)
			.text("floorIs", floor.name().toLowerCase(Locale.ROOT))
			.number("otherFloor", otherLeast)
			.number("otherRatio", ratio(ours, otherLeast))
			.number("rounds", bySide.get(Side.OURS).size())
			.number("oursMin", bySide.get(Side.OURS).stream().mapToDouble(Double::doubleValue).min().orElseThrow())
			.number("oursMax", bySide.get(Side.OURS).stream().mapToDouble(Double::doubleValue).max().orElseThrow())
			.number("floorMin", bySide.get(floor).stream().mapToDouble(Double::doubleValue).min().orElseThrow())
			.number("floorMax", bySide.get(floor).stream().mapToDouble(Double::doubleValue).max().orElseThrow());
	}

	/** Nothing is just as much as nothing. */
	private static double ratio(double ours, double floor) {
		return (ours == floor) ? 1 : ours / floor;
	}

	double median(String measured, Side side) {
		return median(this.values.get(measured).get(side));
	}

	private static double median(List<Double> values) {
		return median(values.stream().mapToDouble(Double::doubleValue).toArray());
	}

	static double median(double[] values) {
		double[] sorted = Arrays.stream(values).sorted().toArray();
		int middle = sorted.length / 2;
		return (sorted.length % 2 == 1) ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
	}

	/**
	 * What one side does in one round.
	 */
	interface Trial {

		void run(Side side, Result result);

	}

	/**
	 * Takes what was measured.
	 */
	interface Result {

		void is(String name, double value);

	}

}
