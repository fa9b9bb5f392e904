package dev.cider.broker;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

import org.jspecify.annotations.Nullable;

/**
 * Brings what many threads submit into an order, without making anybody wait: whoever
 * submits something while nobody is at work works until nothing is left; whoever finds
 * another at work leaves it to him. But nobody works for others without bound: whoever
 * has worked on a slice of it hands the rest over to the {@link SignalThread}, and what
 * can stand for two things that wait is one. What is done at work is seen by whoever is
 * at work next.
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
	 * @return what is to be done when nobody is at work any more, or a slice ends, if
	 * anything is: who starts a thread that will submit something had better be out of
	 * its way
	 */
	abstract @Nullable E work(T work);

	/**
	 * Runs an errand. What it throws is lost.
	 */
	abstract void run(E errand);

	/**
	 * Who goes on where a slice ends.
	 */
	abstract SignalThread signals();

	/**
	 * What stands for two things that come one right after another, so that only one
	 * waits. Runs no user code.
	 * @return what stands for both, or {@code null} if nothing does
	 */
	@Nullable T join(T earlier, T later) {
		return null;
	}

	/**
	 * Does something now, if nobody is at work, and what is left meanwhile: a slice of
	 * it, the rest is handed over. Or leaves it to whoever is at work.
	 * @return {@code false} if it was joined to what was left before
	 */
	final boolean submit(T work) {
		while (true) {
			Left<T> seen = this.latest;
			if (seen == null) {
				if (LATEST.compareAndSet(this, null, NOTHING)) {
					E errand = workGuarded(work, null);
					goOn(workOn(null, errand, signals().slice() - 1));
					return true;
				}
				continue;
			}
			T both = (seen != NOTHING) ? join(seen.work, work) : null;
			if (LATEST.compareAndSet(this, seen, leaving(work, both, seen))) {
				return both == null;
			}
		}
	}

	/**
	 * What is left last from now on. If whoever is at work has taken what was left
	 * meanwhile, and changes it, this is never seen.
	 */
	private static <T> Left<T> leaving(T work, @Nullable T both, Left<T> seen) {
		if (both == null) {
			return new Left<>(work, seen);
		}
		// The same one is left again: whoever takes it sees what its caller did before.
		return (both == seen.work) ? seen : new Left<>(both, seen.before);
	}

	/**
	 * Leaves something to whoever is at work, or to the {@link SignalThread}: for the
	 * thread that must not work for others at all.
	 */
	final void leave(T work) {
		// All memory that is needed is there before anything is changed.
		Left<T> left = new Left<>(work, null);
		Rest rest = new Rest(left);
		while (true) {
			Left<T> seen = this.latest;
			left.before = seen;
			if (seen == null) {
				if (LATEST.compareAndSet(this, null, NOTHING)) {
					if (!signals().add(rest)) {
						// The broker is over: there is nobody else to hold up.
						goOn(left);
					}
					return;
				}
			}
			else if (LATEST.compareAndSet(this, seen, left)) {
				return;
			}
		}
	}

	/** Hands over what is left; or works on, if there is nobody to hand it over to. */
	private void goOn(@Nullable Left<T> left) {
		Left<T> rest = left;
		while (rest != null && !handOver(rest)) {
			rest = workOn(rest, null, signals().slice());
		}
	}

	private boolean handOver(Left<T> left) {
		try {
			return signals().add(new Rest(left));
		}
		catch (OutOfMemoryError notNow) {
			return false;
		}
	}

	/**
	 * Works on a slice. The errand that came of it is run at its end: a thread that is to
	 * be started does not wait until nothing is left.
	 * @param oldest what was taken and not done, the oldest first, if anything was
	 * @param errand the one that came of the work before, if one did
	 * @return what is to be done next; or {@code null}, and the caller is at work no more
	 */
	private @Nullable Left<T> workOn(@Nullable Left<T> oldest, @Nullable E errand, int slice) {
		Left<T> next = (oldest != null) ? oldest : takeLeft();
		E last = errand;
		for (int room = slice; next != null && room > 0; room--) {
			last = workGuarded(next.work, last);
			next = (next.before != null) ? next.before : takeLeft();
		}
		runGuarded(last);
		return next;
	}

	/** All that was left, the oldest first; or {@code null}, and nobody is at work. */
	@SuppressWarnings("unchecked")
	private @Nullable Left<T> takeLeft() {
		if (LATEST.compareAndSet(this, NOTHING, null)) {
			return null;
		}
		return oldestFirst((Left<T>) LATEST.getAndSet(this, NOTHING));
	}

	/** The latest knows the one before, but the oldest comes first. */
	private static <T> @Nullable Left<T> oldestFirst(@Nullable Left<T> latest) {
		Left<T> oldest = null;
		Left<T> left = latest;
		while (left != null && left != NOTHING) {
			Left<T> before = left.before;
			left.before = oldest;
			oldest = left;
			left = before;
		}
		return oldest;
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

	/** What one slice has left, on its way to the next one. */
	private final class Rest extends SignalThread.Job {

		private @Nullable Left<T> left;

		Rest(Left<T> left) {
			this.left = left;
		}

		@Override
		boolean runSlice() {
			this.left = workOn(this.left, null, signals().slice());
			return this.left != null;
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
