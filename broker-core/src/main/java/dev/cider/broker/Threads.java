package dev.cider.broker;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

/**
 * Makes the threads of one broker and names them. No thread exists before the first one
 * is asked for. Open for tests that decide which thread runs when: all threads come from
 * {@link #own} and {@link #runOnHelper}, and all that supervision waits for by
 * {@link #park} and {@link #await}.
 */
class Threads {

	private static final String KEEP_ALIVE = "broker-keep-alive";

	private final @Nullable ThreadFactory userFactory;

	/** Makes the same threads as the user's, and runs no user code; if there is such. */
	private final @Nullable ThreadFactory trusted;

	private final AtomicLong helperCount = new AtomicLong();

	/** Set once, before the first thread is made, as is the next one. */
	private volatile @Nullable ClassLoader contextClassLoader;

	private volatile @Nullable ThreadGroup launcherGroup;

	/**
	 * The threads of a broker.
	 * @param userFactory where the threads of incarnations come from; {@code null} for
	 * platform threads of our own
	 */
	Threads(@Nullable ThreadFactory userFactory) {
		this.userFactory = userFactory;
		this.trusted = VirtualThreads.inPlaceOf(userFactory);
	}

	/**
	 * The broker serves: called by whoever calls its listenAndServe.
	 * @param contextClassLoader that of the caller
	 */
	void launchedBy(@Nullable ClassLoader contextClassLoader) {
		this.contextClassLoader = contextClassLoader;
		this.launcherGroup = Thread.currentThread().getThreadGroup();
	}

	/**
	 * Starts a thread of an incarnation. The user's ThreadFactory may throw, hang or lie,
	 * so it runs on a helper thread, unless it is one of the JDK's.
	 * @param task what it runs
	 * @throws OutOfMemoryError if the machine is out of threads
	 */
	void start(Task task) {
		String name = task.threadName();
		ThreadFactory factory = this.userFactory;
		if (factory == null) {
			own(name, task).start();
		}
		else if (this.trusted != null) {
			start(this.trusted.newThread(task), name);
		}
		else {
			runOnHelper(() -> startWith(factory, name, task));
		}
	}

	private void startWith(ThreadFactory factory, String name, Task task) {
		try {
			@Nullable Thread thread = factory.newThread(task);
			if (thread == null) {
				throw new IllegalStateException("The ThreadFactory returned no thread for " + name);
			}
			if (thread.getState() != Thread.State.NEW) {
				throw new IllegalStateException("The ThreadFactory returned a thread in state " + thread.getState()
						+ " for " + name + ": it must return a new thread that it has not started");
			}
			start(thread, name);
		}
		catch (Throwable noThread) {
			task.refused(noThread);
		}
	}

	private void start(Thread thread, String name) {
		thread.setName(name);
		thread.setDaemon(true);
		thread.setContextClassLoader(this.contextClassLoader);
		thread.start();
	}

	/**
	 * Runs a short task that may call user code on a helper thread: one that runs this
	 * task only, {@code broker-hand-<n>}. Thread-locals, a context class loader or an
	 * interrupt that user code leaves there affect no other code.
	 * @throws OutOfMemoryError if the machine is out of threads
	 */
	void runOnHelper(Runnable task) {
		own("broker-hand-" + this.helperCount.incrementAndGet(), () -> {
			try {
				task.run();
			}
			catch (Throwable ignored) {
				// G9: what user code throws here harms nobody.
			}
		}).start();
	}

	/**
	 * Runs a short task on a thread of its own, or another one here if there is none.
	 */
	void runOnHelperOrElse(Runnable task, Runnable otherwise) {
		try {
			runOnHelper(task);
		}
		catch (Throwable noThread) {
			otherwise.run();
		}
	}

	/**
	 * A platform thread of our own that takes nothing from the thread which happens to
	 * make it, be it an operator's, a crashed incarnation's or the timer's; a daemon, not
	 * started.
	 */
	Thread own(String name, Runnable task) {
		return own(ThreadInheritance.MAIN_GROUP, name, task);
	}

	/**
	 * The thread that holds the JVM. It belongs to the thread group of the caller of
	 * listenAndServe, as his own threads do: some launchers end the JVM when that group
	 * has no such thread.
	 */
	Thread holdingTheJvm(Runnable task) {
		ThreadGroup group = this.launcherGroup;
		if (group != null) {
			try {
				return own(group, KEEP_ALIVE, task);
			}
			catch (IllegalThreadStateException destroyed) {
				// Up to JDK 18 a group can be. Then nobody waits for it either.
			}
		}
		return own(KEEP_ALIVE, task);
	}

	private Thread own(ThreadGroup group, String name, Runnable task) {
		Thread thread = ThreadInheritance.withoutCallers(() -> new OwnThread(this, group, name, task));
		thread.setPriority(Thread.NORM_PRIORITY);
		thread.setDaemon(true);
		thread.setContextClassLoader(this.contextClassLoader);
		return thread;
	}

	/**
	 * Waits, as {@link LockSupport#park(Object)} does, for whoever lets the waiter go on
	 * and then unparks this thread. May return before that. Needs no memory: a thread
	 * that ended for want of it would be waited for in vain.
	 */
	void park(Waiter waiter) {
		if (!waiter.mayGoOn()) {
			LockSupport.park(waiter);
		}
	}

	/**
	 * Waits for a latch, until a deadline.
	 * @param deadline as of {@link System#nanoTime()}
	 */
	void await(CountDownLatch latch, long deadline) throws InterruptedException {
		latch.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
	}

	/**
	 * Whether to ask a thread something can run user code: it is neither of a class of
	 * the JDK nor of ours.
	 */
	static boolean isForeign(Thread thread) {
		Class<?> type = thread.getClass();
		return type != OwnThread.class && type.getClassLoader() != null;
	}

	/**
	 * Whether a thread was made by {@link #own}: one that must not wait for its own
	 * broker.
	 */
	boolean isOwn(Thread thread) {
		return thread instanceof OwnThread own && own.maker == this;
	}

	/**
	 * Who waits by {@link #park}.
	 */
	interface Waiter {

		/** Whether there is nothing to wait for any more. */
		boolean mayGoOn();

	}

	/**
	 * What a thread is wanted for.
	 */
	interface Task extends Runnable {

		/** What the thread is to be called, whatever the factory called it. */
		String threadName();

		/** There will be no thread for it. Called once, if it is. */
		void refused(Throwable noThread);

		/** The machine has no thread for it now. Called once, if it is. */
		void starved(Throwable noThread);

	}

	private static final class OwnThread extends Thread {

		private final Threads maker;

		OwnThread(Threads maker, ThreadGroup group, String name, Runnable task) {
			super(group, task, name, 0, false);
			this.maker = maker;
		}

	}

}
