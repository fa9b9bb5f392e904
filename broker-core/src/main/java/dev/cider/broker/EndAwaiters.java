package dev.cider.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * The threads that wait for the broker to end: those that said so, and those that wait
 * for one of them. A broker that waited for such a thread would wait for itself.
 */
final class EndAwaiters {

	/** Few, and compared by identity: a Thread may have an equals of its own. */
	private final List<Thread> declared = new CopyOnWriteArrayList<>();

	private final AtomicLong removals = new AtomicLong();

	private volatile boolean cleared;

	/**
	 * Adds a thread that waits for the end.
	 * @return whether it is new
	 */
	boolean add(Thread thread) {
		if (includes(thread)) {
			return false;
		}
		this.declared.add(thread);
		if (this.cleared) {
			// The thread that ended the broker may have cleared the list before.
			this.declared.clear();
		}
		return true;
	}

	/**
	 * Forgets a thread that waits no more.
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
	 * How often a thread was removed: what was found out before may not hold any more.
	 */
	long removals() {
		return this.removals.get();
	}

	boolean isEmpty() {
		return this.declared.isEmpty();
	}

	/**
	 * Those that have said so until now. Runs no user code.
	 */
	List<Thread> soFar() {
		return isEmpty() ? List.of() : List.copyOf(this.declared);
	}

	/** Nobody waits any more. A thread that is kept keeps its class loader. */
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
	 * Finds out who waits at this moment. Which can run user code, that of a Thread
	 * subclass, so this is called on a helper thread, as is what it returns.
	 * @return whether a thread cannot go on before the broker has ended
	 */
	Predicate<Thread> now() {
		return now(List.of());
	}

	/**
	 * Finds out who waits at this moment, as {@link #now()} does.
	 * @param earlier what {@link #soFar()} said when the question arose: meanwhile the
	 * broker may have ended, and all be forgotten
	 */
	Predicate<Thread> now(List<Thread> earlier) {
		List<Thread> all = new ArrayList<>(this.declared);
		if (this.cleared) {
			// Else a thread that is missing has said that it waits no more.
			all.addAll(earlier);
		}
		if (all.isEmpty()) {
			return (thread) -> false;
		}
		WaitChain chain = WaitChain.of(all);
		return (thread) -> chain.includes(thread) || isInExit(thread);
	}

	/**
	 * It waits for the shutdown hooks, of which one stops the broker. It never returns.
	 * One that does not let itself be looked at is most likely not there, and without its
	 * interrupt it would be abandoned.
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
			// A Thread subclass has code of its own.
		}
		return false;
	}

}
