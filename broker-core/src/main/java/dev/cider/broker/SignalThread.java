package dev.cider.broker;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

/**
 * The broker's own thread for signals. A caller processes only a bounded number of an
 * endpoint's signals, and the timer's thread none. This thread processes what they leave,
 * a slice of each endpoint's signals in turn. So a flood of requests to one endpoint
 * delays neither a caller nor another endpoint. No user code runs here while the broker
 * serves.
 * <p>
 * The thread is made before anything depends on it, and adding a job allocates nothing:
 * just when most jobs come, threads and memory are short.
 */
final class SignalThread implements Runnable, Threads.Waiter {

	static final String NAME = "broker-signals";

	/** How many signals of one endpoint are processed before it is another's turn. */
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
	 * The jobs that were added and not yet taken over, the latest first. {@link #ENDED}
	 * before the thread is started and after it has ended.
	 */
	private final AtomicReference<@Nullable Job> added = new AtomicReference<>(ENDED);

	private volatile @Nullable Thread thread;

	private volatile boolean closing;

	/** The jobs that were taken over, the oldest first. Used by the thread only. */
	private @Nullable Job first;

	private @Nullable Job last;

	SignalThread(Threads threads, int slice) {
		this.threads = threads;
		this.slice = slice;
	}

	/**
	 * How many signals of one endpoint a thread processes before it hands over.
	 */
	int slice() {
		return this.slice;
	}

	/**
	 * Makes the thread.
	 * @throws OutOfMemoryError if the JVM can start no thread
	 */
	void start() {
		Thread thread = this.threads.own(NAME, this);
		this.thread = thread;
		this.added.set(null);
		try {
			thread.start();
		}
		catch (Throwable noThread) {
			// An operator's thread may have added a job already: it is done here.
			close();
			run();
			throw noThread;
		}
	}

	/**
	 * Takes a job over, which must not have been added to any such thread before. Needs
	 * no memory and never waits.
	 * @return {@code false} if the thread has ended: then the caller has to do the job
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
	 * Runs a task on this thread. If the thread has ended, the caller runs the other
	 * task.
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
	 * Ends the thread as soon as it has no more jobs.
	 */
	void close() {
		this.closing = true;
		LockSupport.unpark(this.thread);
	}

	@Override
	public void run() {
		while (true) {
			takeOver();
			if (this.first != null) {
				runNext(this.first);
			}
			else if (this.closing && this.added.compareAndSet(null, ENDED)) {
				return;
			}
			else {
				// An interrupt has no meaning here, but park would return at once.
				Thread.interrupted();
				this.threads.park(this);
			}
		}
	}

	/** A job that is done is not kept: it holds its endpoint, which may be removed. */
	private void runNext(Job job) {
		this.first = job.next;
		if (this.first == null) {
			this.last = null;
		}
		if (runGuarded(job)) {
			append(job);
		}
	}

	@Override
	public boolean mayGoOn() {
		return this.closing || this.added.get() != null;
	}

	/** Jobs link to the one before, but the oldest is to run first: reverses them. */
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

	/** A job that throws must not keep the others waiting for ever. */
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

		/** Written by the thread that adds the job, and then by the signal thread. */
		private @Nullable Job next;

		/**
		 * Does a bounded part of it.
		 * @return whether there is more to do
		 */
		abstract boolean runSlice();

	}

}
