package dev.cider.broker;

import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;

/**
 * One thing that one monitor is to be told, once. Holds what is to be called until then:
 * whoever comes first reads it, or throws it away.
 */
final class Letter extends AtomicReference<@Nullable Runnable> {

	private static final long serialVersionUID = 1L;

	/**
	 * What a letter is about: each kind has a bound of its own, or none.
	 */
	enum Kind {

		/** A change of an endpoint. */
		CHANGE,

		/** A crash that did not make the broker give up. */
		CRASH,

		/** A crash that did: beyond the bound, but one per endpoint. */
		DROP,

		/** Something for the log alone. */
		NOTE,

		/** The end: beyond the bound, and nothing comes after it. */
		LAST

	}

	private final Kind kind;

	private final @Nullable String endpoint;

	private Letter(Kind kind, @Nullable String endpoint, Runnable call) {
		super(call);
		this.kind = kind;
		this.endpoint = endpoint;
	}

	static Letter change(Runnable call) {
		return new Letter(Kind.CHANGE, null, call);
	}

	static Letter crash(EndpointCrashReport report, Runnable call) {
		return report.dropped() ? new Letter(Kind.DROP, report.factoryId(), call) : new Letter(Kind.CRASH, null, call);
	}

	static Letter note(Runnable call) {
		return new Letter(Kind.NOTE, null, call);
	}

	static Letter last(Runnable call) {
		return new Letter(Kind.LAST, null, call);
	}

	Kind kind() {
		return this.kind;
	}

	/**
	 * The endpoint that was given up, if the letter is about that.
	 */
	@Nullable String dropped() {
		return this.endpoint;
	}

	/**
	 * Calls the monitor: user code.
	 * @return {@code false} if it was read or thrown away before
	 */
	boolean read() {
		Runnable call = getAndSet(null);
		if (call == null) {
			return false;
		}
		call.run();
		return true;
	}

	/**
	 * Throws away what it says.
	 * @return {@code false} if it was read or thrown away before
	 */
	boolean empty() {
		return getAndSet(null) != null;
	}

	boolean isEmpty() {
		return get() == null;
	}

}
