package dev.cider.broker;

import java.time.Instant;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Says what the wall clock shows, without asking it every time: to ask is three times as
 * dear as to read {@link System#nanoTime()}. For {@value #GOOD_FOR_NANOS} nanoseconds it
 * reckons from where the clock was, so what happens that soon after a jump of the clock
 * is shown as if there had been none.
 */
final class WallClock {

	/** In which no clock is slewed by more than a few microseconds. */
	static final long GOOD_FOR_NANOS = 10_000_000;

	/** Between two looks at two clocks. A thread that was paused there looks again. */
	static final long CLOSE_NANOS = 10_000;

	private static final int ATTEMPTS = 5;

	private final LongSupplier nanos;

	private final Supplier<Instant> wall;

	/** Where the wall clock was, lately. Written by anybody. */
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
		// Negative if another thread has looked since we read the time.
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
