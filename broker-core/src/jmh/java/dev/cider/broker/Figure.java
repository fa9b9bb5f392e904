package dev.cider.broker;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/**
 * A line of JSON.
 */
final class Figure {

	private static final MathContext DIGITS = new MathContext(5);

	private final StringJoiner fields = new StringJoiner(",", "{", "}");

	Figure text(String name, String value) {
		this.fields.add("\"" + name + "\":\"" + value + "\"");
		return this;
	}

	Figure number(String name, double value) {
		String text = Double.isFinite(value) ? round(value) : "null";
		this.fields.add("\"" + name + "\":" + text);
		return this;
	}

	Figure numbers(String name, double[] values) {
		this.fields.add(Arrays.stream(values)
			.mapToObj(Figure::round)
			.collect(Collectors.joining(",", "\"" + name + "\":[", "]")));
		return this;
	}

	private static String round(double value) {
		BigDecimal exact = new BigDecimal(value);
		BigDecimal rounded = (Math.abs(value) < 10_000) ? exact.round(DIGITS) : new BigDecimal(exact.toBigInteger());
		return (rounded.signum() == 0) ? "0" : rounded.stripTrailingZeros().toPlainString();
	}

	void print() {
		System.out.println(this.fields);
	}

}
