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
 * Closes the instance of an incarnation on another thread than its own, and interrupts
 * the threads that do not end in time. Most incarnations end by themselves and have none.
 */
final class CloseTask implements Threads.Task {

	/** How long a close waits for an interrupt that was meant for the factory. */
	private static final Duration INTERRUPT_LIMIT = Duration.ofSeconds(1);

	/**
	 * Marks a close that is over, so that no thread is kept. Not a Thread: even one that
	 * never starts keeps the context class loader of the thread that made it.
	 */
	private static final Object NOBODY = new Object();

	private static final AtomicReferenceFieldUpdater<CloseTask, @Nullable Object> CLOSER = AtomicReferenceFieldUpdater
		.newUpdater(CloseTask.class, Object.class, "closer");

	private final Incarnation incarnation;

	private volatile boolean closes;

	/**
	 * Taken by the thread that closes: the one asked for, or its replacement. From when
	 * it has closed, {@link #NOBODY}.
	 */
	private volatile @Nullable Object closer;

	/** Counted down when the latest interrupt has been delivered. */
	private volatile @Nullable CountDownLatch interrupt;

	CloseTask(Incarnation incarnation) {
		this.incarnation = incarnation;
	}

	/** That of the broker that has the incarnation now. */
	private BrokerServices services() {
		return this.incarnation.supervisor().services();
	}

	// On the thread that carries the machine's actions out

	/**
	 * From now on the close is somebody's duty: if it is not begun when the threads are
	 * interrupted, it is begun then.
	 */
	void willClose() {
		this.closes = true;
	}

	@Override
	public String threadName() {
		return this.incarnation.threadName() + "-close";
	}

	/**
	 * Closes on a thread like those of incarnations, or, if there is none to be had, on
	 * one of our own: every instance is closed, whatever happens.
	 */
	@Override
	public void refused(Throwable noThread) {
		closeOnOwnThread();
	}

	@Override
	public void starved(Throwable noThread) {
		closeOnOwnThread();
	}

	/**
	 * Tries until there is a thread, also after the broker has terminated: nothing else
	 * would ever close the instance.
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
			services().time().after(Time.SHORTAGE_PAUSE, this::closeOnOwnThread);
		}
		catch (RejectedExecutionException over) {
			// The broker has terminated, and nobody is held up here any more.
			run();
		}
	}

	/**
	 * Interrupts what runs. Each thread on a helper thread of its own, for an interrupt
	 * can run user code, that of a channel or of a Thread subclass. A close that has not
	 * even begun by now, since the ThreadFactory hangs or does not run what it is given,
	 * gets another thread.
	 */
	void interrupt() {
		Threads threads = services().threads();
		CountDownLatch delivered = new CountDownLatch(1);
		this.interrupt = delivered;
		// The helper thread may come so late that the broker has ended and forgotten who
		// waited.
		// Also the next broker may have taken over the incarnation by then.
		EndAwaiters awaiters = services().endAwaiters();
		List<Thread> soFar = awaiters.soFar();
		Supplier<Predicate<Thread>> awaitsEnd = () -> awaiters.now(soFar);
		threads.runOnHelperOrElse(() -> interruptBody(awaitsEnd, delivered), delivered::countDown);
		Object closing = this.closer;
		if (closing instanceof Thread thread) {
			threads.runOnHelperOrElse(() -> interruptUnlessInShutdown(thread, awaitsEnd), () -> {
			});
		}
		if (closing == null && this.closes) {
			closeOnOwnThread();
		}
	}

	// On threads of its own

	/**
	 * Closes, unless another thread does or has. The thread that comes second does
	 * nothing.
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
	 * A thread that waits for the broker to end is inside the application's shutdown: an
	 * interrupt would make the container stop all other things at once, in no order.
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
			// Nearly none does, and without its interrupt it would be abandoned.
			return false;
		}
	}

	// On the incarnation's own thread, when it has served

	/**
	 * Closes if that was asked for and there was no thread for it.
	 */
	void closeIfNobodyDoes() {
		if (this.closes) {
			Thread.interrupted();
			run();
		}
	}

	/**
	 * Waits for an interrupt that has been ordered but not delivered; not for long, for
	 * delivering it can run user code that hangs.
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
				// Just what is awaited.
			}
		}
	}

	// For whoever asks

	/**
	 * The thread that closes, while it does.
	 */
	@Nullable Thread closer() {
		return (this.closer instanceof Thread thread) ? thread : null;
	}

}
