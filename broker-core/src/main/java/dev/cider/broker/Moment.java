package dev.cider.broker;

import java.time.Instant;

/**
 * A point in time, twice: for reckoning and for showing.
 *
 * @param nanos {@link System#nanoTime()}; only differences mean anything
 * @param instant the wall clock, which may jump; only shown
 */
record Moment(long nanos, Instant instant) {
}
