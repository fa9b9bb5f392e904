package dev.cider.broker.restart;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;

/**
 * Durations as people write them: {@code 400 ms}, {@code 1.6 s}, {@code 2 min 5 s}.
 */
final class Words {

	private static final Duration SECOND = Duration.ofSeconds(1);

	private static final Duration MINUTE = Duration.ofMinutes(1);

	private Words() {
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
			return decimal(duration, (duration.compareTo(SECOND) < 0) ? 3 : 1) + " s";
		}
		return (part(duration.toHours(), " h") + part(duration.toMinutesPart(), " min")
				+ part(duration.toSecondsPart(), " s"))
			.strip();
	}

	/**
	 * Cuts, never rounds up: a run of 0.9999 s in a window of 1 s must not read as 1 s.
	 */
	private static String decimal(Duration duration, int digits) {
		BigDecimal value = BigDecimal.valueOf(duration.toNanos(), 9).setScale(digits, RoundingMode.DOWN);
		return (value.signum() == 0) ? "0" : value.stripTrailingZeros().toPlainString();
	}

	private static String part(long amount, String unit) {
		return (amount == 0) ? "" : " " + amount + unit;
	}

}
