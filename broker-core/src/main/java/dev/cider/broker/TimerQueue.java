package dev.cider.broker;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;

/**
 * The timers that are armed, by the tick in which they are due. Nearly every timer is
 * disarmed long before it is due, for example the close timeout of each crash and each
 * stop. So the cost of arming and disarming does not grow with the timers: the timers of
 * one tick are a linked list, and there are only as many lists as there are ticks. The
 * latest tick stays when it is emptied, since an endpoint that keeps crashing needs it
 * again each time.
 */
final class TimerQueue {

	/** How many low bits of a nanosecond count make a tick: about a millisecond. */
	private static final int TICK_BITS = 20;

	private final ConcurrentSkipListMap<Long, Tick> ticks = new ConcurrentSkipListMap<>();

	/** The tick of the last added timer: the next one often belongs there too. */
	private final AtomicReference<@Nullable Tick> latest = new AtomicReference<>();

	/** When tick 0 began; counted from here, tick numbers never overflow. */
	private final long origin = System.nanoTime();

	/**
	 * Adds a timer.
	 */
	void add(Armed timer, long deadline) {
		// Rounded up: a timer may fire late, but never early.
		long number = (deadline - this.origin + (1L << TICK_BITS) - 1) >> TICK_BITS;
		Tick tick = this.latest.get();
		if (tick != null && tick.number == number && tick.add(timer)) {
			return;
		}
		do {
			// A tick that has left is never used again: a new one takes its place.
			tick = this.ticks.computeIfAbsent(number, Tick::new);
		}
		while (!tick.add(timer));
		Tick before = this.latest.getAndSet(tick);
		if (before != null && before != tick) {
			before.leaveIfEmpty();
		}
	}

	/**
	 * When the first tick is due, as of {@link System#nanoTime()}, even if all its timers
	 * were disarmed; or {@code null} if there is no tick.
	 */
	@Nullable Long nextDeadline() {
		Map.Entry<Long, Tick> first = this.ticks.firstEntry();
		return (first != null) ? this.origin + (first.getKey() << TICK_BITS) : null;
	}

	/**
	 * Takes out a timer that is due.
	 * @return the timer, or {@code null} if none is due
	 */
	@Nullable Armed pollDue(long now) {
		while (true) {
			Map.Entry<Long, Tick> first = this.ticks.firstEntry();
			if (first == null || (first.getKey() << TICK_BITS) > now - this.origin) {
				return null;
			}
			Armed due = first.getValue().poll();
			if (due != null) {
				return due;
			}
		}
	}

	boolean isEmpty() {
		for (Tick tick : this.ticks.values()) {
			if (tick.size() > 0) {
				return false;
			}
		}
		return true;
	}

	int size() {
		return this.ticks.values().stream().mapToInt(Tick::size).sum();
	}

	/** All timers of one tick, the first armed first. */
	private final class Tick {

		/** Boxed once: to leave the map must need no memory. */
		private final Long number;

		private @Nullable Armed first;

		private @Nullable Armed last;

		private boolean gone;

		Tick(Long number) {
			this.number = number;
		}

		synchronized boolean add(Armed timer) {
			if (this.gone) {
				return false;
			}
			timer.tick = this;
			timer.before = this.last;
			if (this.last != null) {
				this.last.after = timer;
			}
			else {
				this.first = timer;
			}
			this.last = timer;
			return true;
		}

		synchronized @Nullable Armed poll() {
			Armed oldest = this.first;
			if (oldest != null) {
				remove(oldest);
			}
			if (this.first == null) {
				// The tick is due, so no timer will need it again.
				leave();
			}
			return oldest;
		}

		synchronized boolean remove(Armed timer) {
			if (timer.tick != this) {
				return false;
			}
			timer.tick = null;
			Armed before = timer.before;
			Armed after = timer.after;
			if (before != null) {
				before.after = after;
			}
			else {
				this.first = after;
			}
			if (after != null) {
				after.before = before;
			}
			else {
				this.last = before;
			}
			timer.before = null;
			timer.after = null;
			// A thread that makes another tick the latest then calls leaveIfEmpty on this
			// one. So that thread sees that it is empty, or this thread sees that it is
			// not the latest any more.
			if (this.first == null && TimerQueue.this.latest.get() != this) {
				leave();
			}
			return true;
		}

		synchronized void leaveIfEmpty() {
			if (this.first == null) {
				leave();
			}
		}

		private void leave() {
			this.gone = true;
			try {
				TimerQueue.this.ticks.remove(this.number, this);
			}
			catch (OutOfMemoryError notUnlinked) {
				// The tick is out of the map. A later search unlinks its node.
			}
			TimerQueue.this.latest.compareAndSet(this, null);
		}

		synchronized int size() {
			int size = 0;
			for (Armed timer = this.first; timer != null; timer = timer.after) {
				size++;
			}
			return size;
		}

	}

	/**
	 * One timer, armed once.
	 */
	static final class Armed implements Time.Timer {

		private final Runnable task;

		/** Set before a thread can cancel it, cleared when it is cancelled or polled. */
		private volatile @Nullable Tick tick;

		/** Guarded by the tick, as {@link #after} is. */
		private @Nullable Armed before;

		private @Nullable Armed after;

		Armed(Runnable task) {
			this.task = task;
		}

		void fire() {
			this.task.run();
		}

		@Override
		public void cancel() {
			Tick tick = this.tick;
			if (tick != null) {
				tick.remove(this);
			}
		}

	}

}
