package dev.cider.broker;

import java.time.Instant;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Tells the wall-clock time without reading the wall clock every time, because that costs
 * three times as much as reading {@link System#nanoTime()}. For {@value #GOOD_FOR_NANOS}
 * nanoseconds it calculates the time from the last reading, so a jump of the clock is not
 * seen before they have passed.
 */
final class WallClock {

	/** Adjusting a clock changes it by a few microseconds at most in this time. */
	static final long GOOD_FOR_NANOS = 10_000_000;

	/** At most between the readings of both clocks. A thread paused there reads again. */
	static final long CLOSE_NANOS = 10_000;

	private static final int ATTEMPTS = 5;

	private final LongSupplier nanos;

	private final Supplier<Instant> wall;

	/** The last reading of both clocks. Written by any thread. */
	private volatile Moment lately;

	WallClock(LongSupplier nanos, Supplier<Instant> wall) {
		this.nanos = nanos;
		this.wall = wall;
		this.lately = look();
	}

	Moment now() {
		long now = this.nanos.getAsLong();
		Moment known = this.lately;
		long passed = now - known.nanos();
		// Negative if another thread has read both clocks since.
		if (passed > GOOD_FOR_NANOS || passed < -GOOD_FOR_NANOS) {
			known = look();
			this.lately = known;
			return known;
		}
		return known.plus(passed);
	}

	private Moment look() {
		for (int attempt = 1;; attempt++) {
			long before = this.nanos.getAsLong();
			Instant shown = this.wall.get();
			long after = this.nanos.getAsLong();
			if (after - before <= CLOSE_NANOS || attempt == ATTEMPTS) {
				return Moment.of(after, shown);
			}
		}
	}

}
