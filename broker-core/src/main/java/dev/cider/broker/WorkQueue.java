package dev.cider.broker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

import org.jspecify.annotations.Nullable;

/**
 * Brings what many threads submit into an order, without a thread of its own and without
 * making anybody wait: whoever submits something while nobody is at work works until
 * nothing is left; whoever finds another at work leaves it to him. What is done at work
 * is seen by whoever is at work next.
 * <p>
 * There are as many of these as there are endpoints, and mostly nobody meets anybody in
 * them: so one is a single field, and who meets nobody allocates nothing.
 */
abstract class WorkQueue<T, E> {

	private static final VarHandle LATEST;

	static {
		try {
			LATEST = MethodHandles.lookup().findVarHandle(WorkQueue.class, "latest", Left.class);
		}
		catch (ReflectiveOperationException renamed) {
			throw new ExceptionInInitializerError(renamed);
		}
	}

	/** Stands for nothing: somebody is at work, and nothing was left to him. */
	private static final Left<?> NOTHING = new Left<>("nothing", null);

	/**
	 * {@code null} while nobody is at work; else what was left to him last, which knows
	 * what was left before.
	 */
	@SuppressWarnings("unused") // only ever touched through its handle
	private volatile @Nullable Left<T> latest;

	/**
	 * Does one thing. Never called by two threads at once; what it throws is lost.
	 * @return what is to be done when nobody is at work any more, if anything is: who
	 * starts a thread that will submit something had better be out of its way
	 */
	abstract @Nullable E work(T work);

	/**
	 * Runs an errand. What it throws is lost.
	 */
	abstract void run(E errand);

	final void submit(T work) {
		if (!goesToWork(work)) {
			return;
		}
		E errand = workGuarded(work, null);
		for (Left<T> left = takeLeft(); left != null; left = takeLeft()) {
			errand = workOn(left, errand);
		}
		runGuarded(errand);
	}

	/** Whether the caller has to do the work, and what is left meanwhile. */
	private boolean goesToWork(T work) {
		while (true) {
			Left<T> seen = this.latest;
			if (seen == null) {
				if (LATEST.compareAndSet(this, null, NOTHING)) {
					return true;
				}
			}
			else if (LATEST.compareAndSet(this, seen, new Left<>(work, seen))) {
				return false;
			}
		}
	}

	/** All that was left; or {@code null}, and the caller is at work no more. */
	@SuppressWarnings("unchecked")
	private @Nullable Left<T> takeLeft() {
		if (LATEST.compareAndSet(this, NOTHING, null)) {
			return null;
		}
		return (Left<T>) LATEST.getAndSet(this, NOTHING);
	}

	/** The latest knows the one before, but the oldest comes first. */
	private @Nullable E workOn(Left<T> latest, @Nullable E errand) {
		Left<T> oldest = null;
		Left<T> left = latest;
		while (left != null && left != NOTHING) {
			Left<T> before = left.before;
			left.before = oldest;
			oldest = left;
			left = before;
		}
		E last = errand;
		for (Left<T> next = oldest; next != null; next = next.before) {
			last = workGuarded(next.work, last);
		}
		return last;
	}

	/** Whatever goes wrong with one, the others must not wait for ever. */
	private @Nullable E workGuarded(T work, @Nullable E errand) {
		try {
			E next = work(work);
			if (next == null) {
				return errand;
			}
			// One errand must do for the end: the one before is in nobody's way now.
			runGuarded(errand);
			return next;
		}
		catch (Throwable lost) {
			// Who works has noted it if that was possible at all.
			return errand;
		}
	}

	private void runGuarded(@Nullable E errand) {
		try {
			if (errand != null) {
				run(errand);
			}
		}
		catch (Throwable lost) {
			// As above.
		}
	}

	/** Something that was left to whoever is at work. */
	private static final class Left<T> {

		final T work;

		@Nullable Left<T> before;

		Left(T work, @Nullable Left<T> before) {
			this.work = work;
			this.before = before;
		}

	}

}
