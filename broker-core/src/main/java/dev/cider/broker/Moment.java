package dev.cider.broker;

import java.time.Instant;

/**
 * A point in time on two clocks: one for arithmetic and one for display. Every signal has
 * one and every endpoint keeps one, so it is a single object.
 *
 * @param nanos {@link System#nanoTime()}; only differences mean anything
 * @param epochSecond the wall clock, which may jump; only for display
 * @param nanoOfSecond the rest of the wall clock
 */
record Moment(long nanos, long epochSecond, int nanoOfSecond) {

	private static final int NANOS_PER_SECOND = 1_000_000_000;

	static Moment of(long nanos, Instant shown) {
		return new Moment(nanos, shown.getEpochSecond(), shown.getNano());
	}

	/**
	 * A moment that is less than a second later, or earlier.
	 */
	Moment plus(long more) {
		long nano = this.nanoOfSecond + more;
		long second = this.epochSecond;
		if (nano >= NANOS_PER_SECOND) {
			nano -= NANOS_PER_SECOND;
			second++;
		}
		else if (nano < 0) {
			nano += NANOS_PER_SECOND;
			second--;
		}
		return new Moment(this.nanos + more, second, (int) nano);
	}

	/**
	 * An earlier moment. Its wall clock is calculated from this one's.
	 * @param earlier as of {@link System#nanoTime()}, not after this moment
	 */
	Moment at(long earlier) {
		return (earlier == this.nanos) ? this : of(earlier, instant().minusNanos(this.nanos - earlier));
	}

	Instant instant() {
		return Instant.ofEpochSecond(this.epochSecond, this.nanoOfSecond);
	}

}
