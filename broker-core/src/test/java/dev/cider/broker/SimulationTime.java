package dev.cider.broker;

import java.time.Instant;
import java.util.PriorityQueue;

/**
 * The clock of a simulated world, and what is to happen in it.
 */
final class SimulationTime {

	private final PriorityQueue<Event> events = new PriorityQueue<>();

	private long now;

	private long count;

	long now() {
		return this.now;
	}

	Moment moment() {
		return Moment.of(this.now, Instant.EPOCH.plusNanos(this.now));
	}

	Event after(long nanos, Runnable what) {
		Event event = new Event(this.now + nanos, this.count++, what);
		this.events.add(event);
		return event;
	}

	/**
	 * Lets the next event happen.
	 * @return {@code false} if nothing will happen any more
	 */
	boolean next() {
		Event event = this.events.poll();
		if (event == null) {
			return false;
		}
		if (!event.cancelled) {
			this.now = event.at;
			event.over = true;
			event.what.run();
		}
		return true;
	}

	/**
	 * Something that will happen, unless it is cancelled.
	 */
	static final class Event implements Comparable<Event> {

		private final long at;

		private final long number;

		private final Runnable what;

		private boolean cancelled;

		private boolean over;

		private Event(long at, long number, Runnable what) {
			this.at = at;
			this.number = number;
			this.what = what;
		}

		void cancel() {
			this.cancelled = true;
		}

		boolean isPending() {
			return !this.cancelled && !this.over;
		}

		@Override
		public int compareTo(Event other) {
			return (this.at != other.at) ? Long.compare(this.at, other.at) : Long.compare(this.number, other.number);
		}

	}

}
