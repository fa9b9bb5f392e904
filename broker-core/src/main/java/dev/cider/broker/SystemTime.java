package dev.cider.broker;

import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

/**
 * The time of this JVM, with one timer thread. Nearly every timer is disarmed long before
 * it is due, for example the close timeout of each crash. So arming and disarming take no
 * lock that all timers share. They wake the thread only for a timer that is due before
 * its next wake-up; every task that becomes the next one would wake the thread of an
 * executor.
 */
final class SystemTime implements Time {

	/** 146 years: longer delays are for ever, since their nanoseconds would overflow. */
	private static final long FOR_EVER = Long.MAX_VALUE / 2;

	private final WallClock clock = new WallClock(System::nanoTime, Instant::now);

	private final TimerQueue armed = new TimerQueue();

	private final ThreadFactory timerThread;

	private volatile @Nullable Thread thread;

	/** When the thread will look at the timers again by itself. */
	private volatile long wakeUp;

	private volatile boolean closed;

	/** Guards {@link #ended}. Taken after the close only; no user code runs under it. */
	private final Object endLock = new Object();

	/** Whether the thread has ended, or is about to. */
	private boolean ended;

	/** A timer whose task ran out of memory: fires again. Used by the thread only. */
	private TimerQueue.@Nullable Armed owed;

	SystemTime(ThreadFactory timerThread) {
		this.timerThread = timerThread;
	}

	@Override
	public Moment now() {
		return this.clock.now();
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
		long deadline = System.nanoTime() + saturatedNanos(delay);
		TimerQueue.Armed timer = new TimerQueue.Armed(task);
		this.armed.add(timer, deadline);
		VarHandle.fullFence();
		if (this.closed) {
			requireNotEnded(timer);
		}
		// The timer's thread writes its wake-up time and then reads the queue; this
		// thread adds to the queue and then reads the wake-up time. So that thread sees
		// this timer, or this thread sees the wake-up time and unparks it.
		if (deadline - this.wakeUp < 0) {
			LockSupport.unpark(this.thread);
		}
		return timer;
	}

	/** The timer's thread may have read the queue for the last time, see isOver. */
	private void requireNotEnded(TimerQueue.Armed timer) {
		synchronized (this.endLock) {
			if (this.ended) {
				timer.cancel();
				throw new RejectedExecutionException("the broker's timer has ended");
			}
		}
	}

	@Override
	public void close() {
		this.closed = true;
		LockSupport.unpark(this.thread);
	}

	private void run() {
		while (true) {
			try {
				if (isOver()) {
					return;
				}
				// An interrupt has no meaning here, but park would return at once.
				Thread.interrupted();
				fireOrAwait();
			}
			catch (Throwable noMemory) {
				// Even reading the queue allocates a little. Try again later: without
				// this thread no endpoint would be started again.
				Shortage.awaitMemory();
			}
		}
	}

	/**
	 * Whether time is closed and nothing is armed any more. A thread that arms adds its
	 * timer and then reads {@link #ended} under the lock; the timer's thread reads the
	 * queue and writes {@link #ended} under the lock. So the timer's thread stays, or the
	 * arming thread gets an exception.
	 */
	private boolean isOver() {
		if (!this.closed || this.owed != null) {
			return false;
		}
		synchronized (this.endLock) {
			this.ended = this.armed.isEmpty();
			return this.ended;
		}
	}

	private void fireOrAwait() {
		TimerQueue.Armed due = (this.owed != null) ? this.owed : this.armed.pollDue(System.nanoTime());
		if (due != null) {
			this.owed = due;
			fire(due);
			this.owed = null;
		}
		else {
			await();
		}
	}

	/** Waits until the next timer is due, or an earlier one is armed. */
	private void await() {
		Long next = this.armed.nextDeadline();
		long wakeUp = (next != null) ? next : System.nanoTime() + FOR_EVER;
		this.wakeUp = wakeUp;
		// A volatile write does not keep later reads of the map, which are weaker, behind
		// it.
		VarHandle.fullFence();
		Long meanwhile = this.armed.nextDeadline();
		if (next == null && meanwhile == null) {
			// After the close no thread unparks this one, and the timers that it last saw
			// may have been disarmed since: then it must not park.
			if (!this.closed) {
				LockSupport.park(this);
			}
		}
		else if (next != null && next.equals(meanwhile)) {
			LockSupport.parkNanos(this, wakeUp - System.nanoTime());
		}
	}

	private static void fire(TimerQueue.Armed due) {
		try {
			due.fire();
		}
		catch (OutOfMemoryError notNow) {
			// If it were lost, a restart might never come: the thread fires it again.
			throw notNow;
		}
		catch (Throwable lost) {
			// Tasks only leave signals; the supervisor logs what fails when it takes
			// them.
		}
	}

	static long saturatedNanos(Duration delay) {
		if (delay.isNegative()) {
			return 0;
		}
		return (delay.compareTo(Duration.ofNanos(FOR_EVER)) < 0) ? delay.toNanos() : FOR_EVER;
	}

}
