package dev.cider.broker;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Predicate;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * Closes the instance of an incarnation on another thread than the one that serves it,
 * and interrupts the threads that do not end in time. Most incarnations end by themselves
 * and need no such task.
 */
final class CloseTask implements Threads.Task {

	/** How long a close waits for an interrupt that is still to be delivered. */
	private static final Duration INTERRUPT_LIMIT = Duration.ofSeconds(1);

	/**
	 * Takes the place of the thread in {@link #closer} after the close, so that the
	 * thread can be collected. Not a dummy Thread: even an unstarted Thread refers to the
	 * context class loader of the thread that made it.
	 */
	private static final Object NOBODY = new Object();

	private static final AtomicReferenceFieldUpdater<CloseTask, @Nullable Object> CLOSER = AtomicReferenceFieldUpdater
		.newUpdater(CloseTask.class, Object.class, "closer");

	private final Incarnation incarnation;

	private volatile boolean closes;

	/**
	 * The thread that closes, which sets it itself; {@link #NOBODY} after the close.
	 */
	private volatile @Nullable Object closer;

	/** Counted down when the latest interrupt has been delivered. */
	private volatile @Nullable CountDownLatch interrupt;

	CloseTask(Incarnation incarnation) {
		this.incarnation = incarnation;
	}

	/** Those of the broker that supervises the incarnation now. */
	private BrokerServices services() {
		return this.incarnation.supervisor().services();
	}

	// On the thread that carries the machine's actions out

	/**
	 * From now on the instance must be closed: {@link #interrupt()} starts another thread
	 * if the close has not begun by then.
	 */
	void willClose() {
		this.closes = true;
	}

	@Override
	public String threadName() {
		return this.incarnation.threadName() + "-close";
	}

	@Override
	public boolean prefersVirtualThread() {
		return this.incarnation.prefersVirtualThread();
	}

	@Override
	public void enter() {
		LoggingContext.enter(this.incarnation.id());
	}

	@Override
	public void leave() {
		LoggingContext.leave();
	}

	@Override
	public void decoratorThrew(Throwable thrown) {
		note("the thread decorator threw after the close of", "had ended", thrown);
	}

	private void note(String what, String more, Throwable thrown) {
		this.incarnation.supervisor().noteOf(this.incarnation.incarnation(), what, more, thrown);
	}

	/**
	 * The ThreadFactory gave no thread, or the thread decorator did not run the close. So
	 * the broker makes a thread itself: every instance is closed, whatever happens.
	 */
	@Override
	public void refused(Throwable noThread) {
		if (this.incarnation.instance() != null && this.closer == null) {
			note("the close of", "moves to another thread, because the first one was not usable", noThread);
		}
		closeOnOwnThread();
	}

	@Override
	public void starved(Throwable noThread) {
		closeOnOwnThread();
	}

	/**
	 * Tries again until a thread starts, even after the broker has terminated: nothing
	 * else would ever close the instance.
	 */
	private void closeOnOwnThread() {
		if (this.incarnation.instance() == null || this.closer != null) {
			return;
		}
		try {
			services().threads().own(threadName(), this).start();
		}
		catch (Throwable noThread) {
			tryAgain();
		}
	}

	private void tryAgain() {
		try {
			services().time().after(Shortage.PAUSE, this::closeOnOwnThread);
		}
		catch (RejectedExecutionException over) {
			// The broker has terminated: a slow close delays no other endpoint any more.
			run();
		}
	}

	/**
	 * Interrupts the threads of the incarnation. Each interrupt runs on a helper thread,
	 * because it can run user code of a channel or of a Thread subclass. If the close has
	 * not begun by now, because the ThreadFactory hangs or its thread does not run the
	 * task, another thread is started for it.
	 */
	void interrupt() {
		Threads threads = services().threads();
		CountDownLatch delivered = new CountDownLatch(1);
		this.interrupt = delivered;
		// Read now: by the time the helper thread runs, the broker may have terminated
		// and cleared the list, and the next broker may have taken over the incarnation.
		EndAwaiters awaiters = services().endAwaiters();
		List<Thread> soFar = awaiters.soFar();
		Supplier<Predicate<Thread>> awaitsEnd = () -> awaiters.now(soFar);
		Object closing = this.closer;
		if (closing == null && this.closes) {
			closeOnOwnThread();
		}
		if (closing instanceof Thread thread) {
			threads.runOnHelperOrElse(() -> interruptUnlessInShutdown(thread, awaitsEnd), () -> {
			});
		}
		// Last: without memory all of this is done again, and the body must get one
		// interrupt only. It may call close, which a second one would hit.
		threads.runOnHelperOrElse(() -> interruptBody(awaitsEnd, delivered), delivered::countDown);
	}

	// On threads of its own

	/**
	 * Closes the instance, unless another thread closes it or has closed it.
	 */
	@Override
	public void run() {
		Endpoint made = this.incarnation.instance();
		if (made != null && CLOSER.compareAndSet(this, null, Thread.currentThread())) {
			LoggingContext.enter(this.incarnation.id());
			try {
				this.incarnation.close(made);
			}
			finally {
				LoggingContext.leave();
				this.closer = NOBODY;
			}
		}
	}

	private void interruptBody(Supplier<Predicate<Thread>> awaitsEnd, CountDownLatch delivered) {
		try {
			Thread running = this.incarnation.body();
			if (running != null) {
				interruptUnlessInShutdown(running, awaitsEnd);
			}
		}
		finally {
			delivered.countDown();
		}
	}

	/**
	 * A thread that waits for the broker to terminate is inside the application's
	 * shutdown: an interrupt would make the container stop its other beans at once and
	 * out of order.
	 */
	private static void interruptUnlessInShutdown(Thread thread, Supplier<Predicate<Thread>> awaitsEnd) {
		if (!awaitsEnd(thread, awaitsEnd)) {
			thread.interrupt();
		}
	}

	private static boolean awaitsEnd(Thread thread, Supplier<Predicate<Thread>> awaitsEnd) {
		try {
			return awaitsEnd.get().test(thread);
		}
		catch (OutOfMemoryError unknown) {
			// Hardly any thread waits, and without the interrupt the incarnation would be
			// abandoned.
			return false;
		}
	}

	// On the incarnation's own thread, when it has served

	/**
	 * Closes the instance if that was asked for and no close thread has begun.
	 */
	void closeIfNobodyDoes() {
		if (this.closes) {
			Thread.interrupted();
			run();
		}
	}

	/**
	 * Waits for an interrupt that was requested but is not delivered yet. The wait is
	 * limited, because the delivery can run user code that hangs.
	 */
	void awaitInterrupt() {
		CountDownLatch ordered = this.interrupt;
		long deadline = System.nanoTime() + INTERRUPT_LIMIT.toNanos();
		while (ordered != null) {
			try {
				services().threads().await(ordered, deadline);
				return;
			}
			catch (InterruptedException itself) {
				// Probably the interrupt that was ordered. The loop asks the latch.
			}
			catch (OutOfMemoryError again) {
				Shortage.awaitMemory();
			}
		}
	}

	// On any thread

	/**
	 * The thread that is closing the instance, or {@code null} if none is.
	 */
	@Nullable Thread closer() {
		return (this.closer instanceof Thread thread) ? thread : null;
	}

}
