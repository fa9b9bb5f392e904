package dev.cider.broker;

import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;

/**
 * What one monitor is told once: a call of the monitor, held until it is made or
 * discarded. The thread that takes the call out first, the mailbox's or one that discards
 * it, decides which.
 */
final class Notification extends AtomicReference<@Nullable Runnable> {

	private static final long serialVersionUID = 1L;

	/**
	 * The kinds of notification: each has a bound of its own, or none.
	 */
	enum Kind {

		/** A change of an endpoint. */
		CHANGE,

		/** A crash that did not make the broker give up. */
		CRASH,

		/** A crash that did: not bounded, but only one per endpoint waits. */
		DROP,

		/** Something for the log alone. */
		NOTE,

		/** The end: not bounded, and nothing comes after it. */
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
	 * The endpoint that was given up, if the notification says that.
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
