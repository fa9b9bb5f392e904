package dev.cider.broker.restart;

import java.time.Duration;

/**
 * Durations as people write them: {@code 400 ms}, {@code 1.6 s}, {@code 2 min 5 s}.
 */
final class DurationText {

	private static final Duration SECOND = Duration.ofSeconds(1);

	private static final Duration MINUTE = Duration.ofMinutes(1);

	private DurationText() {
	}

	/**
	 * A duration in the unit that fits its size.
	 */
	static String of(Duration duration) {
		if (!duration.isZero() && duration.compareTo(SECOND) < 0) {
			return (duration.toMillis() > 0) ? duration.toMillis() + " ms" : "less than 1 ms";
		}
		return seconds(duration);
	}

	/**
	 * A duration in seconds, however short, or in larger units.
	 */
	static String seconds(Duration duration) {
		if (duration.compareTo(MINUTE) < 0) {
			return decimal(duration, (duration.compareTo(SECOND) < 0) ? 1000 : 10) + " s";
		}
		return (part(duration.toHours(), " h") + part(duration.toMinutesPart(), " min")
				+ part(duration.toSecondsPart(), " s"))
			.strip();
	}

	/**
	 * In decimals of a second: one for base 10, three for base 1000. Cuts, never rounds
	 * up: a run of 0.9999 s in a window of 1 s must not read as 1 s.
	 */
	private static String decimal(Duration duration, int base) {
		long value = duration.toNanos() / (1_000_000_000 / base);
		long fraction = value % base;
		if (fraction == 0) {
			return Long.toString(value / base);
		}
		// The base in front keeps the leading zeros of the fraction.
		long digits = base + fraction;
		while (digits % 10 == 0) {
			digits /= 10;
		}
		return value / base + "." + Long.toString(digits).substring(1);
	}

	private static String part(long amount, String unit) {
		return (amount == 0) ? "" : " " + amount + unit;
	}

}
