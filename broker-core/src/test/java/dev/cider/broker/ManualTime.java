package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Time that passes when the test says so, on the test's thread.
 */
final class ManualTime implements Time {

	private final List<Armed> armed = new ArrayList<>();

	private long nanos;

	@Override
	public synchronized Moment now() {
		return Moment.of(this.nanos, Instant.EPOCH.plusNanos(this.nanos));
	}

	@Override
	public synchronized long nanos() {
		return this.nanos;
	}

	@Override
	public void start() {
		// The test is the timer.
	}

	@Override
	public synchronized Timer after(Duration delay, Runnable task) {
		Armed timer = new Armed(this.nanos + delay.toNanos(), task, new AtomicBoolean());
		this.armed.add(timer);
		return () -> timer.cancelled.set(true);
	}

	/**
	 * Lets time pass and fires what is due.
	 */
	void pass(Duration duration) {
		List<Armed> due = new ArrayList<>();
		synchronized (this) {
			this.nanos += duration.toNanos();
			this.armed.removeIf((timer) -> timer.cancelled.get());
			this.armed.stream().filter((timer) -> timer.at <= this.nanos).forEach(due::add);
			this.armed.removeAll(due);
		}
		due.forEach((timer) -> timer.task.run());
	}

	/**
	 * Waits until something is due within a time, lets that time pass and fires it. State
	 * is shown before timers are armed, so to wait for a state is not enough.
	 */
	void fireWithin(Duration duration) {
		Waiting.until(() -> isDueWithin(duration));
		pass(duration);
	}

	private synchronized boolean isDueWithin(Duration duration) {
		return this.armed.stream()
			.anyMatch((timer) -> !timer.cancelled.get() && timer.at <= this.nanos + duration.toNanos());
	}

	synchronized long pending() {
		return this.armed.stream().filter((timer) -> !timer.cancelled.get()).count();
	}

	@Override
	public void close() {
		// Nothing to let go of.
	}

	private record Armed(long at, Runnable task, AtomicBoolean cancelled) {
	}

}
