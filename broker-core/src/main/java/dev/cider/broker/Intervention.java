package dev.cider.broker;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;

/**
 * What others do to an incarnation while its thread runs: they close its instance on
 * another thread, and interrupt. Most incarnations never see one.
 */
final class Intervention {

	/** How long it takes until a machine that is out of threads is asked again. */
	static final Duration FAMINE_PAUSE = Duration.ofMillis(100);

	/** How long a close waits for an interrupt that was meant for the factory. */
	private static final Duration INTERRUPT_LIMIT = Duration.ofSeconds(1);

	/**
	 * A finished incarnation keeps no thread. No thread itself, for even one that never
	 * starts keeps the context class loader of whoever made it.
	 */
	private static final Object NOBODY = new Object();

	private final Incarnation incarnation;

	private volatile boolean closes;

	/**
	 * Taken by the thread that closes: the one asked for, or its replacement. From when
	 * it has closed, {@link #NOBODY}.
	 */
	private final AtomicReference<@Nullable Object> closer = new AtomicReference<>();

	/** Counted down when the latest interrupt has been delivered. */
	private volatile @Nullable CountDownLatch interrupt;

	Intervention(Incarnation incarnation) {
		this.incarnation = incarnation;
	}

	// On the thread that carries the machine's actions out

	/**
	 * From now on the close is somebody's duty: if it is not begun when the threads are
	 * interrupted, it is begun then.
	 */
	void willClose() {
		this.closes = true;
	}

	/**
	 * Starts the close on a thread like those of incarnations, or, if the ThreadFactory
	 * has none, on one of our own: every instance is closed, whatever happens.
	 */
	void close(Engine engine) {
		try {
			engine.threads().start(threadName(), this::closeOnce, (noThread) -> closeOnOwnThread(engine));
		}
		catch (Throwable noThread) {
			closeOnOwnThread(engine);
		}
	}

	private String threadName() {
		return this.incarnation.threadName() + "-close";
	}

	/** Tries until there is a thread: nothing else would ever close the instance. */
	private void closeOnOwnThread(Engine engine) {
		if (this.incarnation.instance() == null || this.closer.get() != null) {
			return;
		}
		try {
			engine.threads().own(threadName(), this::closeOnce).start();
		}
		catch (Throwable noThread) {
			engine.time().after(FAMINE_PAUSE, () -> closeOnOwnThread(engine));
		}
	}

	/**
	 * Interrupts what runs. Each thread on a hand of its own, for an interrupt can run
	 * user code, that of a channel or of a Thread subclass. A close that has not even
	 * begun by now, since the ThreadFactory hangs or does not run what it is given, gets
	 * another thread.
	 */
	void interrupt(Engine engine) {
		Threads threads = engine.threads();
		CountDownLatch delivered = new CountDownLatch(1);
		this.interrupt = delivered;
		threads.handOrElse(() -> interruptBody(delivered), delivered::countDown);
		Object closing = this.closer.get();
		if (closing instanceof Thread thread) {
			threads.handOrElse(thread::interrupt, () -> {
			});
		}
		if (closing == null && this.closes) {
			closeOnOwnThread(engine);
		}
	}

	// On threads of its own

	private void closeOnce() {
		Endpoint made = this.incarnation.instance();
		if (made != null && this.closer.compareAndSet(null, Thread.currentThread())) {
			LoggingContext.enter(this.incarnation.id());
			try {
				this.incarnation.close(made);
			}
			finally {
				LoggingContext.leave();
				this.closer.set(NOBODY);
			}
		}
	}

	private void interruptBody(CountDownLatch delivered) {
		try {
			Thread running = this.incarnation.body();
			if (running != null) {
				running.interrupt();
			}
		}
		finally {
			delivered.countDown();
		}
	}

	// On the incarnation's own thread, when it has served

	/**
	 * Closes if that was asked for and there was no thread for it. Whoever comes second
	 * does nothing.
	 */
	void closeIfNobodyDoes() {
		if (this.closes) {
			Thread.interrupted();
			closeOnce();
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
				ordered.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
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
		return (this.closer.get() instanceof Thread thread) ? thread : null;
	}

}
