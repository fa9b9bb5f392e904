package dev.cider.broker;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

/**
 * The broker's own thread for signals. Callers work on the signals of an endpoint for a
 * bounded time only, and the timer's thread never does: what they leave is worked on
 * here, a bounded part of each endpoint's signals at a time, in turn. So who floods one
 * endpoint with requests holds up neither a caller nor another endpoint. No user code
 * runs here while the broker serves.
 * <p>
 * The thread is there before anything depends on it, and taking something over needs no
 * memory: threads and memory are short when there is most to be taken over.
 */
final class SignalThread implements Runnable, Threads.Waiter {

	static final String NAME = "broker-signals";

	/** How many signals of one endpoint are worked on before it is another's turn. */
	static final int SLICE = 64;

	private static final Job ENDED = new Job() {
		@Override
		boolean runSlice() {
			return false;
		}
	};

	private final Threads threads;

	private final int slice;

	/**
	 * What was added and not yet taken over, the latest first; or {@link #ENDED}, before
	 * the thread exists and when it will take nothing over any more.
	 */
	private final AtomicReference<@Nullable Job> added = new AtomicReference<>(ENDED);

	private volatile @Nullable Thread thread;

	private volatile boolean closing;

	/** What was taken over, the oldest first. Touched by the thread only. */
	private @Nullable Job first;

	private @Nullable Job last;

	SignalThread(Threads threads, int slice) {
		this.threads = threads;
		this.slice = slice;
	}

	/**
	 * How many signals of one endpoint anybody works on without a break.
	 */
	int slice() {
		return this.slice;
	}

	/**
	 * Makes the thread.
	 * @throws OutOfMemoryError if the machine is out of threads
	 */
	void start() {
		Thread thread = this.threads.own(NAME, this);
		this.thread = thread;
		this.added.set(null);
		try {
			thread.start();
		}
		catch (Throwable noThread) {
			// An operator may have been quick enough to leave something here.
			close();
			run();
			throw noThread;
		}
	}

	/**
	 * Takes a job over, which must not have been added to any such thread before. Needs
	 * no memory and never waits.
	 * @return {@code false} if the thread has ended: then it is up to the caller
	 */
	boolean add(Job job) {
		Job seen;
		do {
			seen = this.added.get();
			if (seen == ENDED) {
				return false;
			}
			job.next = seen;
		}
		while (!this.added.compareAndSet(seen, job));
		if (seen == null) {
			LockSupport.unpark(this.thread);
		}
		return true;
	}

	/**
	 * Runs a task on this thread, or another one here if the thread has ended.
	 */
	void executeOrElse(Runnable task, Runnable otherwise) {
		boolean taken = add(new Job() {
			@Override
			boolean runSlice() {
				task.run();
				return false;
			}
		});
		if (!taken) {
			otherwise.run();
		}
	}

	/**
	 * Lets go of the thread as soon as nothing is left to it.
	 */
	void close() {
		this.closing = true;
		LockSupport.unpark(this.thread);
	}

	@Override
	public void run() {
		while (true) {
			takeOver();
			Job job = this.first;
			if (job != null) {
				this.first = job.next;
				if (runGuarded(job)) {
					append(job);
				}
			}
			else if (this.closing && this.added.compareAndSet(null, ENDED)) {
				return;
			}
			else {
				// Nobody means anything by an interrupt, but with one it could not sleep.
				Thread.interrupted();
				this.threads.park(this);
			}
		}
	}

	@Override
	public boolean mayGoOn() {
		return this.closing || this.added.get() != null;
	}

	/** The latest knows the one before, but the oldest comes first. */
	private void takeOver() {
		Job oldest = null;
		Job job = (this.added.get() != null) ? this.added.getAndSet(null) : null;
		while (job != null) {
			Job before = job.next;
			job.next = oldest;
			oldest = job;
			job = before;
		}
		while (oldest != null) {
			Job next = oldest.next;
			append(oldest);
			oldest = next;
		}
	}

	private void append(Job job) {
		job.next = null;
		Job before = this.last;
		if (this.first == null || before == null) {
			this.first = job;
		}
		else {
			before.next = job;
		}
		this.last = job;
	}

	/** Whatever goes wrong with one, the others must not wait for ever. */
	private static boolean runGuarded(Job job) {
		try {
			return job.runSlice();
		}
		catch (Throwable lost) {
			return false;
		}
	}

	/**
	 * Something to do on this thread.
	 */
	abstract static class Job {

		/** Whoever is in the list with it owns this. */
		private @Nullable Job next;

		/**
		 * Does a bounded part of it.
		 * @return whether there is more to do
		 */
		abstract boolean runSlice();

	}

}
