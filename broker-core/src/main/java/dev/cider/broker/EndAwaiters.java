package dev.cider.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * The threads that wait for the broker to terminate: those declared by
 * {@link Broker#awaitedBy}, and those that wait for a declared thread. If the broker
 * waited for such a thread too, both would wait for ever.
 */
final class EndAwaiters {

	/** A short list, searched by identity: a Thread subclass may override equals. */
	private final List<Thread> declared = new CopyOnWriteArrayList<>();

	private final AtomicLong removals = new AtomicLong();

	private volatile boolean cleared;

	/**
	 * Adds a thread that waits for the termination.
	 * @return whether it is new
	 */
	boolean add(Thread thread) {
		if (includes(thread)) {
			return false;
		}
		this.declared.add(thread);
		if (this.cleared) {
			// The thread that ended the broker may have cleared the list before this add.
			this.declared.clear();
		}
		return true;
	}

	/**
	 * Removes a thread that no longer waits.
	 * @return whether it was there
	 */
	boolean remove(Thread thread) {
		boolean removed = this.declared.removeIf((each) -> each == thread);
		if (removed) {
			this.removals.incrementAndGet();
		}
		return removed;
	}

	/**
	 * How often a thread was removed. If this has changed during a check, the result of
	 * the check may be outdated.
	 */
	long removals() {
		return this.removals.get();
	}

	boolean isEmpty() {
		return this.declared.isEmpty();
	}

	/**
	 * The threads declared so far. Runs no user code.
	 */
	List<Thread> soFar() {
		return isEmpty() ? List.of() : List.copyOf(this.declared);
	}

	/**
	 * The broker has terminated, so no thread waits any more. A Thread kept here would
	 * keep its class loader reachable.
	 */
	void clear() {
		this.cleared = true;
		this.declared.clear();
	}

	boolean includes(Thread thread) {
		for (Thread each : this.declared) {
			if (each == thread) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Finds out which threads wait at this moment. This method and the predicate that it
	 * returns can run user code of a Thread subclass: call both on a helper thread.
	 * @return true for a thread that cannot go on before the broker has terminated
	 */
	Predicate<Thread> now() {
		return now(List.of());
	}

	/**
	 * Finds out which threads wait at this moment, as {@link #now()} does.
	 * @param earlier the result of {@link #soFar()} when this check was ordered: since
	 * then the broker may have terminated and cleared the list
	 */
	Predicate<Thread> now(List<Thread> earlier) {
		List<Thread> all = new ArrayList<>(this.declared);
		if (this.cleared) {
			// If the list was not cleared, a missing thread was removed: it no longer
			// waits.
			all.addAll(earlier);
		}
		if (all.isEmpty()) {
			return (thread) -> false;
		}
		WaitChain chain = WaitChain.of(all);
		return (thread) -> chain.includes(thread) || isInExit(thread);
	}

	/**
	 * A thread in {@link Runtime#exit} waits for the shutdown hooks, one of which stops
	 * the broker. {@code exit} never returns. If the stack cannot be read, the thread is
	 * most likely not in {@code exit}, and without an interrupt its incarnation would be
	 * abandoned.
	 */
	private static boolean isInExit(Thread thread) {
		try {
			for (StackTraceElement frame : thread.getStackTrace()) {
				if (frame.getMethodName().equals("exit") && frame.getClassName().equals("java.lang.Runtime")) {
					return true;
				}
			}
		}
		catch (Throwable broken) {
			// A Thread subclass may override getStackTrace.
		}
		return false;
	}

}
