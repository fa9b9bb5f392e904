package dev.cider.broker;

import java.time.Instant;

/**
 * A point in time, twice: for reckoning and for showing. Every signal has one and every
 * endpoint keeps one, so it is a single object.
 *
 * @param nanos {@link System#nanoTime()}; only differences mean anything
 * @param epochSecond the wall clock, which may jump; only shown
 * @param nanoOfSecond the rest of it
 */
record Moment(long nanos, long epochSecond, int nanoOfSecond) {

	static Moment of(long nanos, Instant shown) {
		return new Moment(nanos, shown.getEpochSecond(), shown.getNano());
	}

	Instant instant() {
		return Instant.ofEpochSecond(this.epochSecond, this.nanoOfSecond);
	}

}
