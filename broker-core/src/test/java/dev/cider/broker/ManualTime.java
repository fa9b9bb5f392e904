package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;

/**
 * Time that passes when the test says so, on the test's thread. It passes only while
 * nobody works on a signal: what fires is worked on by another thread, and to that thread
 * no time passes meanwhile. If it did, its endpoint would seem to have served longer than
 * the test wants, and its next timer would be late, as in a JVM that stood still.
 */
class ManualTime implements Time {

	private final List<Armed> armed = new ArrayList<>();

	private final List<Broker> brokers = new CopyOnWriteArrayList<>();

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

	/** Makes a broker for which this is the time. */
	Broker build(Broker.Builder builder) {
		Broker broker = builder.time(this).build();
		this.brokers.add(broker);
		return broker;
	}

	/**
	 * Lets time pass and fires what is due, each when it is due.
	 */
	void pass(Duration duration) {
		long end = nanos() + duration.toNanos();
		awaitRest();
		for (Armed due = goOnToNext(end); due != null; due = goOnToNext(end)) {
			due.task.run();
			awaitRest();
		}
	}

	/** Until nobody works on a signal of the brokers that were made here. */
	private void awaitRest() {
		Waiting.until(() -> this.brokers.stream().allMatch((broker) -> new Insides(broker).isIdle()));
	}

	private synchronized @Nullable Armed goOnToNext(long end) {
		this.armed.removeIf((timer) -> timer.cancelled.get());
		Armed next = this.armed.stream()
			.filter((timer) -> timer.at <= end)
			.min(Comparator.comparingLong(Armed::at))
			.orElse(null);
		this.nanos = Math.max(this.nanos, (next != null) ? next.at : end);
		this.armed.remove(next);
		return next;
	}

	/**
	 * The JVM stands still: time passes, and what was due meanwhile fires after that.
	 */
	void standStill(Duration duration) {
		awaitRest();
		synchronized (this) {
			this.nanos += duration.toNanos();
		}
		pass(Duration.ZERO);
	}

	/**
	 * Waits until something is due within a time, lets time pass until then, and fires
	 * it. No more time passes: a run that begins because of it is not as long as the
	 * rest.
	 */
	void fireWithin(Duration duration) {
		Waiting.until(() -> untilNext() <= duration.toNanos());
		pass(Duration.ofNanos(untilNext()));
	}

	private synchronized long untilNext() {
		return this.armed.stream()
			.filter((timer) -> !timer.cancelled.get())
			.mapToLong((timer) -> Math.max(0, timer.at - this.nanos))
			.min()
			.orElse(Long.MAX_VALUE);
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
