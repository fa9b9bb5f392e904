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
 * out, and a termination of which not everybody has been told. While there is one, a
 * non-daemon thread waits for the last of them to go. A JVM in which nothing else is left
 * to do then ends, and an operator who starts a finished endpoint before that brings the
 * thread back.
 */
final class KeepAlive {

	/** How long an application may take to close after its broker has terminated. */
	private static final Duration CLOSING_LIMIT = Duration.ofMinutes(5);

	private final AtomicLong reasons = new AtomicLong();

	/** The thread that keeps the JVM up, from before its start until it goes. */
	private final AtomicReference<@Nullable Thread> thread = new AtomicReference<>();

	private final Function<Runnable, Thread> maker;

	private final Farewell farewell;

	/** Threads of the broker that close the application, and so go on after its end. */
	private final Queue<Thread> closing = new ConcurrentLinkedQueue<>();

	private volatile boolean begun;

	/** Whether the broker has terminated: then the reasons do not matter any more. */
	private volatile boolean over;

	/**
	 * Nobody is kept alive before {@link #begin()}.
	 * @param maker makes the thread, does not start it
	 * @param farewell what the thread waits for before it lets the JVM end
	 */
	KeepAlive(Function<Runnable, Thread> maker, Farewell farewell) {
		this.maker = maker;
		this.farewell = farewell;
	}

	/**
	 * From now on a reason makes a thread.
	 */
	void begin() {
		this.begun = true;
		if (this.reasons.get() > 0) {
			hold();
		}
	}

	/**
	 * One more reason to keep the JVM up.
	 * @throws OutOfMemoryError if it is the first one and there is no thread to be had:
	 * the reason is counted, and {@link #hold()} may be called again
	 */
	void enter() {
		if (this.reasons.getAndIncrement() == 0 && this.begun) {
			hold();
		}
	}

	void leave() {
		if (this.reasons.decrementAndGet() == 0) {
			// The thread looks at the count again after it has announced that it is here:
			// it sees the 0, or it is seen.
			LockSupport.unpark(this.thread.get());
		}
	}

	/**
	 * A thread of the broker closes the application. It is a daemon like all of them, and
	 * the broker does not wait for it: without this the JVM would end in the midst of
	 * that, and before the thread could say with which exit code.
	 * @param thread goes on after the broker's end, for a limited time
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
	 * A thread that was named as one that closes the application does not do so any more.
	 * Matters only before the broker's end.
	 */
	void lastNoMore(Thread thread) {
		this.closing.removeIf((each) -> each == thread);
	}

	/**
	 * The broker has terminated. The thread, if it is there, says farewell and goes.
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
				this.farewell.afterTheEnd();
				awaitClosing();
				this.thread.set(null);
				return;
			}
			this.farewell.whenIdle();
			// The last endpoint has finished here, and an operator starts it again there:
			// the operator counts his request, and then looks whether there is a thread.
			// This thread says that it goes, and then looks at the count. So he sees no
			// thread and makes another one, or this one sees the count and stays; if both
			// happens, whoever is first in the field below is the thread.
			this.thread.set(null);
		}
		while (this.reasons.get() > 0 && this.thread.compareAndSet(null, current));
	}

	private void awaitClosing() {
		long deadline = System.nanoTime() + CLOSING_LIMIT.toNanos();
		try {
			for (Thread next = this.closing.poll(); next != null; next = this.closing.poll()) {
				long left = deadline - System.nanoTime();
				// Less than a millisecond would be for ever.
				next.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
			}
		}
		catch (InterruptedException enough) {
			// Somebody wants the JVM to end now.
		}
		this.closing.clear();
	}

	private void awaitNoReason() {
		while (this.reasons.get() > 0 && !this.over) {
			LockSupport.park(this);
			// Nobody means anything by an interrupt, but with one it could not wait.
			Thread.interrupted();
		}
	}

	/**
	 * What is to be done before the JVM may end. Both wait for a limited time only.
	 */
	interface Farewell {

		/** All endpoints have finished, and the broker goes on. */
		void whenIdle();

		/** The broker has terminated. */
		void afterTheEnd();

	}

}
