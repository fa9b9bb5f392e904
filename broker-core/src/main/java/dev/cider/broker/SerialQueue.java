package dev.cider.broker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

import org.jspecify.annotations.Nullable;

/**
 * Processes items one after another, on the threads that submit them, without making a
 * thread wait: a drain loop. A thread that finds the queue idle processes its item and
 * then drains what other threads add meanwhile; a thread that finds another one draining
 * only adds its item. The next draining thread sees all that the one before has written.
 * <p>
 * A thread drains a bounded slice; then it hands the rest over to the
 * {@link SignalThread}. Two items that wait can be {@linkplain #join joined} to one.
 * <p>
 * A broker has one queue per endpoint, and most of the time no two threads use it at
 * once: so a queue is a single field, and a submission without contention allocates
 * nothing.
 *
 * @param <T> the type of the items
 * @param <E> the type of a follow-up task
 */
abstract class SerialQueue<T, E> {

	private static final VarHandle LATEST;

	static {
		try {
			LATEST = MethodHandles.lookup().findVarHandle(SerialQueue.class, "latest", Node.class);
		}
		catch (ReflectiveOperationException renamed) {
			throw new ExceptionInInitializerError(renamed);
		}
	}

	/** A thread drains the queue, and no item waits. */
	private static final Node<?> DRAINING = new Node<>("nothing", null);

	/**
	 * {@code null} while the queue is idle; else the item that was added last, which
	 * links to the one before.
	 */
	@SuppressWarnings("unused") // only ever touched through its handle
	private volatile @Nullable Node<T> latest;

	/**
	 * Processes one item. Never called by two threads at once; what it throws is lost.
	 * @return a follow-up task, or {@code null}. It is run when the queue is idle again
	 * or the slice ends. A thread that it starts, and that submits to this queue, would
	 * have found the queue busy before
	 */
	abstract @Nullable E process(T item);

	/**
	 * Runs a follow-up task. What it throws is lost.
	 */
	abstract void run(E followUp);

	/**
	 * The thread that drains what a slice leaves.
	 */
	abstract SignalThread signals();

	/**
	 * Joins two items of which one comes right after the other, so that only one waits.
	 * Runs no user code.
	 * @return the item that stands for both, or {@code null} if none does
	 */
	@Nullable T join(T earlier, T later) {
		return null;
	}

	/**
	 * Processes an item and then what is added meanwhile, at most a slice; or only adds
	 * the item, if another thread drains the queue.
	 * @return {@code false} if the item was joined to one that waits
	 */
	final boolean submit(T item) {
		while (true) {
			Node<T> seen = this.latest;
			if (seen == null) {
				if (LATEST.compareAndSet(this, null, DRAINING)) {
					E followUp = processGuarded(item, null);
					drainOrHandOver(drain(null, followUp, signals().slice() - 1));
					return true;
				}
				continue;
			}
			T both = (seen != DRAINING) ? join(seen.item, item) : null;
			if (LATEST.compareAndSet(this, seen, adding(item, both, seen))) {
				return both == null;
			}
		}
	}

	/**
	 * The node that the caller tries to set as the latest. If the draining thread takes
	 * the nodes meanwhile and relinks them, the caller's compare-and-set fails and this
	 * node is dropped.
	 */
	private static <T> Node<T> adding(T item, @Nullable T both, Node<T> seen) {
		if (both == null) {
			return new Node<>(item, seen);
		}
		// The compare-and-set writes the same node again: the draining thread that takes
		// it sees what this caller wrote before.
		return (both == seen.item) ? seen : new Node<>(both, seen.before);
	}

	/**
	 * Adds an item and processes nothing: the draining thread takes it, or the
	 * {@link SignalThread} if the queue is idle. Used by the timer's thread, which must
	 * not process signals.
	 */
	final void leave(T item) {
		// All memory that is needed is allocated before anything is changed.
		Node<T> node = new Node<>(item, null);
		Rest rest = new Rest(node);
		while (true) {
			Node<T> seen = this.latest;
			node.before = seen;
			if (seen == null) {
				if (LATEST.compareAndSet(this, null, DRAINING)) {
					if (!signals().add(rest)) {
						// The broker is over: draining here delays no other endpoint.
						drainOrHandOver(node);
					}
					return;
				}
			}
			else if (LATEST.compareAndSet(this, seen, node)) {
				return;
			}
		}
	}

	/** Hands the rest over; if the signal thread or memory is gone, drains it here. */
	private void drainOrHandOver(@Nullable Node<T> oldest) {
		Node<T> rest = oldest;
		while (rest != null && !handOver(rest)) {
			rest = drain(rest, null, signals().slice());
		}
	}

	private boolean handOver(Node<T> oldest) {
		try {
			return signals().add(new Rest(oldest));
		}
		catch (OutOfMemoryError notNow) {
			return false;
		}
	}

	/**
	 * Drains a slice and runs its follow-up task at the end, so that the start of a
	 * thread does not wait until the queue is empty.
	 * @param oldest the oldest item that was taken and not processed, if there is one
	 * @param followUp the follow-up task so far, if there is one
	 * @return the item to be processed next; or {@code null}, and the queue is idle
	 */
	private @Nullable Node<T> drain(@Nullable Node<T> oldest, @Nullable E followUp, int slice) {
		Node<T> next = (oldest != null) ? oldest : takeAll();
		E last = followUp;
		for (int room = slice; next != null && room > 0; room--) {
			last = processGuarded(next.item, last);
			next = (next.before != null) ? next.before : takeAll();
		}
		runGuarded(last);
		return next;
	}

	/** Takes all that waits, the oldest first; or {@code null}, and the queue is idle. */
	@SuppressWarnings("unchecked")
	private @Nullable Node<T> takeAll() {
		if (LATEST.compareAndSet(this, DRAINING, null)) {
			return null;
		}
		return oldestFirst((Node<T>) LATEST.getAndSet(this, DRAINING));
	}

	/** Nodes link to the one before, but the oldest is processed first: reverses them. */
	private static <T> @Nullable Node<T> oldestFirst(@Nullable Node<T> latest) {
		Node<T> oldest = null;
		Node<T> node = latest;
		while (node != null && node != DRAINING) {
			Node<T> before = node.before;
			node.before = oldest;
			oldest = node;
			node = before;
		}
		return oldest;
	}

	/** One item that fails must not keep the others waiting for ever. */
	private @Nullable E processGuarded(T item, @Nullable E followUp) {
		try {
			E next = process(item);
			if (next == null) {
				return followUp;
			}
			// Only the last follow-up task waits for the end of the slice.
			runGuarded(followUp);
			return next;
		}
		catch (Throwable lost) {
			// The subclass has logged it, if that was possible at all.
			return followUp;
		}
	}

	private void runGuarded(@Nullable E followUp) {
		try {
			if (followUp != null) {
				run(followUp);
			}
		}
		catch (Throwable lost) {
			// As above.
		}
	}

	/** What one slice leaves for the next one. */
	private final class Rest extends SignalThread.Job {

		private @Nullable Node<T> oldest;

		Rest(Node<T> oldest) {
			this.oldest = oldest;
		}

		@Override
		boolean runSlice() {
			this.oldest = drain(this.oldest, null, signals().slice());
			return this.oldest != null;
		}

	}

	/** An item that waits. */
	private static final class Node<T> {

		final T item;

		@Nullable Node<T> before;

		Node(T item, @Nullable Node<T> before) {
			this.item = item;
			this.before = before;
		}

	}

}
