package dev.cider.broker;

import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
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

	private final WallClock clock = new WallClock(System::nanoTime, Instant::now);

	private final TimerQueue armed = new TimerQueue();

	private final ThreadFactory timerThread;

	private volatile @Nullable Thread thread;

	/** When the thread will look again by itself. */
	private volatile long wakeUp;

	private volatile boolean closed;

	/** Guards {@link #ended}. Taken after the close only; no user code runs under it. */
	private final Object endLock = new Object();

	/** Whether the thread has gone, or is about to. */
	private boolean ended;

	/** What fired and found no memory: fires again. Touched by the thread only. */
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
		// The thread writes when it will wake, and then looks for what is due before. It
		// sees this timer there, or we see here what it wrote.
		if (deadline - this.wakeUp < 0) {
			LockSupport.unpark(this.thread);
		}
		return timer;
	}

	/** Against the thread that looks for the last time whether something is armed. */
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
		while (!isOver()) {
			// Nobody means anything by an interrupt, but with one it could not sleep.
			Thread.interrupted();
			try {
				fireOrAwait();
			}
			catch (Throwable noMemory) {
				// To look at the timers takes a little. Later perhaps: without this
				// thread no endpoint would be started again.
				LockSupport.parkNanos(this, SHORTAGE_PAUSE.toNanos());
			}
		}
	}

	/**
	 * Closed, and nothing is armed any more. Whoever arms something meanwhile arms it and
	 * then looks under the lock whether the thread has gone; the thread looks under the
	 * lock whether something is armed. So either the thread stays, or who arms is told.
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

	/** Until the next one is due, or one is armed that is due before. */
	private void await() {
		Long next = this.armed.nextDeadline();
		long wakeUp = (next != null) ? next : System.nanoTime() + FOR_EVER;
		this.wakeUp = wakeUp;
		// To write a volatile does not keep the reads of a map behind it.
		VarHandle.fullFence();
		Long meanwhile = this.armed.nextDeadline();
		if (next == null && meanwhile == null) {
			// After the close nobody wakes this thread any more: what was armed when it
			// looked last may have been disarmed since.
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
			// A restart that is lost would never come: it stays owed.
			throw notNow;
		}
		catch (Throwable lost) {
			// Tasks only signal, and who takes signals notes what goes wrong.
		}
	}

	static long saturatedNanos(Duration delay) {
		if (delay.isNegative()) {
			return 0;
		}
		return (delay.compareTo(Duration.ofNanos(FOR_EVER)) < 0) ? delay.toNanos() : FOR_EVER;
	}

}
