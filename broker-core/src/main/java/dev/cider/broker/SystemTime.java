package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The time of this machine, with one timer thread.
 */
final class SystemTime implements Time {

	private final ScheduledThreadPoolExecutor timer;

	SystemTime(ThreadFactory timerThread) {
		this.timer = new ScheduledThreadPoolExecutor(1, timerThread);
		// A cancelled close timeout would otherwise stay in the queue for its 20 s.
		this.timer.setRemoveOnCancelPolicy(true);
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
		this.timer.prestartCoreThread();
	}

	@Override
	public Timer after(Duration delay, Runnable task) {
		var scheduled = this.timer.schedule(task, saturatedNanos(delay), TimeUnit.NANOSECONDS);
		return () -> scheduled.cancel(false);
	}

	@Override
	public void close() {
		this.timer.shutdownNow();
	}

	/** A delay beyond 146 years is for ever, and the executor copes with no more. */
	static long saturatedNanos(Duration delay) {
		long most = Long.MAX_VALUE / 2;
		if (delay.isNegative()) {
			return 0;
		}
		return (delay.compareTo(Duration.ofNanos(most)) < 0) ? delay.toNanos() : most;
	}

}
