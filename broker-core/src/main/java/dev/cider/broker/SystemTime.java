package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

/**
 * The time of this machine, with one timer thread. Nearly every timer is disarmed long
 * before it is due: a close timeout is armed at every crash. So arming and disarming take
 * no lock, and wake the thread only for what is due before it would wake anyway; an
 * executor is woken by every task that becomes its next one.
 */
final class SystemTime implements Time {

	/** A delay beyond 146 years is for ever, and nanoseconds cope with no more. */
	private static final long FOR_EVER = Long.MAX_VALUE / 2;

	/** What was armed and has neither fired nor been disarmed, the next one first. */
	private final ConcurrentSkipListMap<Armed, Armed> armed = new ConcurrentSkipListMap<>();

	private final AtomicLong count = new AtomicLong();

	private final ThreadFactory timerThread;

	private volatile @Nullable Thread thread;

	/** When the thread will look again by itself. */
	private volatile long wakeUp;

	private volatile boolean closed;

	SystemTime(ThreadFactory timerThread) {
		this.timerThread = timerThread;
	}

	@Override
	public Moment now() {
		return new Moment(System.nanoTime(), Instant.now());
	}

	@Override
	public long nanos() {
		return System.nanoTime();
	}

	@Override
	public void start() {
		Thread thread = this.timerThread.newThread(this::run);
		this.thread = thread;
		thread.start();
	}

	@Override
	public Timer after(Duration delay, Runnable task) {
		Armed timer = new Armed(System.nanoTime() + saturatedNanos(delay), this.count.incrementAndGet(), task);
		this.armed.put(timer, timer);
		if (this.closed) {
			this.armed.clear();
			throw new RejectedExecutionException("the broker's timer has ended");
		}
		// The thread writes when it will wake, and then looks for what is due before. It
		// sees this timer there, or we see here what it wrote.
		if (timer.deadline - this.wakeUp < 0) {
			LockSupport.unpark(this.thread);
		}
		return timer;
	}

	@Override
	public void close() {
		this.closed = true;
		this.armed.clear();
		LockSupport.unpark(this.thread);
	}

	private void run() {
		while (!this.closed) {
			this.wakeUp = System.nanoTime() + FOR_EVER;
			Map.Entry<Armed, Armed> first = this.armed.firstEntry();
			if (first == null) {
				LockSupport.park(this);
			}
			else {
				fireOrAwait(first.getKey());
			}
		}
	}

	private void fireOrAwait(Armed first) {
		long left = first.deadline - System.nanoTime();
		if (left <= 0) {
			fire(first);
			return;
		}
		this.wakeUp = first.deadline;
		Map.Entry<Armed, Armed> sooner = this.armed.lowerEntry(first);
		if (sooner == null) {
			LockSupport.parkNanos(this, left);
		}
	}

	private void fire(Armed due) {
		if (this.armed.remove(due) != null) {
			try {
				due.task.run();
			}
			catch (Throwable lost) {
				// Tasks only signal, and who takes signals notes what goes wrong.
			}
		}
	}

	static long saturatedNanos(Duration delay) {
		if (delay.isNegative()) {
			return 0;
		}
		return (delay.compareTo(Duration.ofNanos(FOR_EVER)) < 0) ? delay.toNanos() : FOR_EVER;
	}

	/** One timer. Of two that are due at once, the one armed first comes first. */
	private final class Armed implements Timer, Comparable<Armed> {

		private final long deadline;

		private final long number;

		private final Runnable task;

		Armed(long deadline, long number, Runnable task) {
			this.deadline = deadline;
			this.number = number;
			this.task = task;
		}

		@Override
		public void cancel() {
			SystemTime.this.armed.remove(this);
		}

		@Override
		public int compareTo(Armed other) {
			// Differences, for nanoseconds may overflow.
			long later = this.deadline - other.deadline;
			return (later != 0) ? Long.signum(later) : Long.compare(this.number, other.number);
		}

	}

}
