package dev.cider.broker;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * Keeps the JVM up for as long as there is a reason to. The reasons are counted: each
 * endpoint that has not finished, each request of an operator that is not yet carried
 * out, and a termination of which not all monitors have been told. While the count is
 * above 0, a non-daemon thread waits. At 0 it ends, and so does the JVM if nothing else
 * keeps it up. An operator who starts a finished endpoint before that brings the thread
 * back.
 */
final class KeepAlive {

	/** How long an application may take to close after its broker has terminated. */
	private static final Duration CLOSING_LIMIT = Duration.ofMinutes(5);

	private final AtomicLong reasons = new AtomicLong();

	/** The thread that keeps the JVM up; set before its start, cleared when it ends. */
	private final AtomicReference<@Nullable Thread> thread = new AtomicReference<>();

	private final Function<Runnable, Thread> maker;

	private final Farewell farewell;

	/** Threads of the broker that close the application, and so outlive the broker. */
	private final Queue<Thread> closing = new ConcurrentLinkedQueue<>();

	private volatile boolean begun;

	/** Whether the broker has terminated: then the reasons do not matter any more. */
	private volatile boolean over;

	/**
	 * Makes no thread before {@link #begin()}.
	 * @param maker makes the thread, does not start it
	 * @param farewell what the thread waits for before it lets the JVM end
	 */
	KeepAlive(Function<Runnable, Thread> maker, Farewell farewell) {
		this.maker = maker;
		this.farewell = farewell;
	}

	/**
	 * From now on the first reason makes the thread.
	 */
	void begin() {
		this.begun = true;
		if (this.reasons.get() > 0) {
			hold();
		}
	}

	/**
	 * One more reason to keep the JVM up.
	 * @throws OutOfMemoryError if it is the first one and no thread can be made: the
	 * reason is counted, and {@link #hold()} may be called again
	 */
	void enter() {
		if (this.reasons.getAndIncrement() == 0 && this.begun) {
			hold();
		}
	}

	void leave() {
		if (this.reasons.decrementAndGet() == 0) {
			// The keep-alive thread is written to the field and then reads the count;
			// this thread writes the count and then reads the field. So the keep-alive
			// thread reads the 0, or this one unparks it.
			LockSupport.unpark(this.thread.get());
		}
	}

	/**
	 * Keeps the JVM up for a thread of the broker that closes the application. That
	 * thread is a daemon, and the broker does not wait for it: the JVM could end before
	 * the application is closed and the thread has given the exit code.
	 * @param thread is waited for after the broker's end, for a limited time
	 */
	void lastUntilEnded(Thread thread) {
		for (Thread known : this.closing) {
			if (known == thread) {
				return;
			}
		}
		this.closing.add(thread);
	}

	/**
	 * Forgets a thread that no longer closes the application. Has an effect only before
	 * the broker's end.
	 */
	void lastNoMore(Thread thread) {
		this.closing.removeIf((each) -> each == thread);
	}

	/**
	 * The broker has terminated. The thread, if there is one, waits for the farewell and
	 * ends.
	 */
	void end() {
		this.over = true;
		LockSupport.unpark(this.thread.get());
	}

	/**
	 * Makes the thread, if there is a reason and no thread yet.
	 */
	void hold() {
		if (this.reasons.get() == 0 || this.thread.get() != null) {
			return;
		}
		Thread made = this.maker.apply(this::stay);
		made.setDaemon(false);
		if (this.thread.compareAndSet(null, made)) {
			startOrForget(made);
		}
	}

	private void startOrForget(Thread made) {
		try {
			made.start();
		}
		catch (Throwable noThread) {
			this.thread.set(null);
			throw noThread;
		}
	}

	private void stay() {
		Thread current = Thread.currentThread();
		do {
			awaitNoReason();
			if (this.over) {
				sayFarewell(true);
				awaitClosing();
				this.thread.set(null);
				return;
			}
			sayFarewell(false);
			// The last endpoint has finished, and an operator may start it again. The
			// operator's thread writes the count and then reads the field; this thread
			// clears the field and then reads the count. So the operator's thread sees no
			// thread and makes one, or this one sees the count and stays. If both happen,
			// the first of the two to set the field is the keep-alive thread.
			this.thread.set(null);
		}
		while (this.reasons.get() > 0 && this.thread.compareAndSet(null, current));
	}

	/** Without memory nobody is waited for, but this thread must not die. */
	private void sayFarewell(boolean ended) {
		try {
			if (ended) {
				this.farewell.afterTheEnd();
			}
			else {
				this.farewell.whenIdle();
			}
		}
		catch (OutOfMemoryError notAwaited) {
			// A later operator relies on the field, which this thread clears.
		}
	}

	private void awaitClosing() {
		long deadline = System.nanoTime() + CLOSING_LIMIT.toNanos();
		try {
			for (Thread next = this.closing.poll(); next != null; next = this.closing.poll()) {
				long left = deadline - System.nanoTime();
				// join(0) would wait for ever.
				next.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
			}
		}
		catch (InterruptedException enough) {
			// An interrupt asks for the JVM to end now.
		}
		this.closing.clear();
	}

	private void awaitNoReason() {
		while (this.reasons.get() > 0 && !this.over) {
			LockSupport.park(this);
			// An interrupt has no meaning here, but park would return at once.
			Thread.interrupted();
		}
	}

	/**
	 * What the thread waits for before the JVM may end. Both methods wait for a limited
	 * time only.
	 */
	interface Farewell {

		/** All endpoints have finished, and the broker goes on. */
		void whenIdle();

		/** The broker has terminated. */
		void afterTheEnd();

	}

}
