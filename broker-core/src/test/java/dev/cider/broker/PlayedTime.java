package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.random.RandomGenerator;

/**
 * Time that stands still until the next timer is fired by hand. A timer that is cancelled
 * may fire all the same, as with real ones. Touched by the thread that has the turn.
 */
final class PlayedTime implements Time {

	private final PriorityQueue<Armed> armed = new PriorityQueue<>(
			Comparator.comparingLong(Armed::at).thenComparingLong(Armed::number));

	private final PlayedTurns turns;

	private final RandomGenerator random;

	private long nanos;

	private long count;

	private boolean closed;

	private boolean undisturbed;

	PlayedTime(PlayedTurns turns, RandomGenerator random) {
		this.turns = turns;
		this.random = random;
	}

	/**
	 * The draining thread asks for this first: a good moment for other threads to leave
	 * it more signals.
	 */
	@Override
	public Moment now() {
		if (!this.undisturbed && this.random.nextInt(4) == 0) {
			this.turns.pause();
		}
		return Moment.of(this.nanos, instant());
	}

	Instant instant() {
		return Instant.EPOCH.plusNanos(this.nanos);
	}

	/**
	 * Does something during which the one who has the turn keeps it: he has a lock.
	 */
	void undisturbed(Runnable task) {
		this.undisturbed = true;
		try {
			task.run();
		}
		finally {
			this.undisturbed = false;
		}
	}

	@Override
	public long nanos() {
		return this.nanos;
	}

	@Override
	public void start() {
		// The broker serves, but nothing has begun: a good moment to disturb it.
		this.turns.pause();
		requireOpen();
	}

	@Override
	public Timer after(Duration delay, Runnable task) {
		Armed timer = new Armed(this.nanos + delay.toNanos(), this.count++, task);
		this.armed.add(timer);
		return () -> {
			if (this.random.nextInt(20) > 0) {
				this.armed.remove(timer);
			}
		};
	}

	boolean isArmed() {
		return !this.armed.isEmpty();
	}

	/**
	 * Lets as much time pass as the next timer needs, and fires it.
	 */
	void fire() {
		Armed timer = this.armed.remove();
		this.nanos = Math.max(this.nanos, timer.at) + 1;
		timer.task.run();
	}

	@Override
	public void close() {
		this.closed = true;
	}

	private void requireOpen() {
		if (this.closed) {
			AssertionError broken = new AssertionError("G11: the broker uses its timer after its end");
			this.turns.fail(broken);
			throw broken;
		}
	}

	private record Armed(long at, long number, Runnable task) {
	}

}
