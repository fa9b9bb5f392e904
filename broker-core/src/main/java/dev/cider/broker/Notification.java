package dev.cider.broker;

import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;

/**
 * One call of a monitor, held until it is made or discarded. The mailbox's thread makes
 * it, or another thread discards it: the first of them to take it out decides.
 */
final class Notification extends AtomicReference<@Nullable Runnable> {

	private static final long serialVersionUID = 1L;

	/**
	 * The kinds of notification: each has a bound of its own, or none.
	 */
	enum Kind {

		/** A change of an endpoint. */
		CHANGE,

		/** A crash without a drop. */
		CRASH,

		/** A crash with a drop: not bounded, but only one per endpoint waits. */
		DROP,

		/** A line for the log, or a mark for a waiting thread: no endpoint's event. */
		NOTE,

		/** The broker's end: not bounded, and nothing comes after it. */
		LAST

	}

	private final Kind kind;

	private final @Nullable String endpoint;

	private Notification(Kind kind, @Nullable String endpoint, Runnable call) {
		super(call);
		this.kind = kind;
		this.endpoint = endpoint;
	}

	static Notification change(Runnable call) {
		return new Notification(Kind.CHANGE, null, call);
	}

	static Notification crash(EndpointCrashReport report, Runnable call) {
		return report.dropped() ? new Notification(Kind.DROP, report.factoryId(), call)
				: new Notification(Kind.CRASH, null, call);
	}

	static Notification note(Runnable call) {
		return new Notification(Kind.NOTE, null, call);
	}

	static Notification last(Runnable call) {
		return new Notification(Kind.LAST, null, call);
	}

	Kind kind() {
		return this.kind;
	}

	/**
	 * The id of the dropped endpoint, if this is a drop.
	 */
	@Nullable String dropped() {
		return this.endpoint;
	}

	/**
	 * Calls the monitor: user code.
	 * @return {@code false} if the call was made or discarded before
	 */
	boolean deliver() {
		Runnable call = getAndSet(null);
		if (call == null) {
			return false;
		}
		call.run();
		return true;
	}

	/**
	 * Discards the call. What stays in the queue is a tombstone.
	 * @return {@code false} if the call was made or discarded before
	 */
	boolean discard() {
		return getAndSet(null) != null;
	}

	boolean isTombstone() {
		return get() == null;
	}

}
