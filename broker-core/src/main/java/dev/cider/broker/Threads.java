package dev.cider.broker;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;

/**
 * Makes the threads of one broker and names them. Makes no thread before one is needed.
 * Not final, for tests that decide which thread runs when: all threads come from
 * {@link #own} and {@link #runOnHelper}, and supervision waits only in {@link #park} and
 * {@link #await}.
 */
class Threads {

	private static final String KEEP_ALIVE = "broker-keep-alive";

	private final @Nullable ThreadFactory userFactory;

	/** Makes the same threads as the user's factory without user code, if possible. */
	private final @Nullable ThreadFactory trusted;

	/** Wraps what the threads of incarnations run; user code. */
	private final @Nullable UnaryOperator<Runnable> decorator;

	private final AtomicLong helperCount = new AtomicLong();

	/** Set once, as {@link #launcherGroup} is, before the first thread is made. */
	private volatile @Nullable ClassLoader contextClassLoader;

	private volatile @Nullable ThreadGroup launcherGroup;

	/**
	 * The threads of a broker.
	 * @param userFactory where the threads of incarnations come from; {@code null} for
	 * platform threads of our own
	 */
	Threads(@Nullable ThreadFactory userFactory) {
		this(userFactory, null);
	}

	/**
	 * The threads of a broker.
	 * @param userFactory where the threads of incarnations come from; {@code null} for
	 * platform threads of our own
	 * @param decorator wraps what the threads of incarnations run; {@code null} for none
	 */
	Threads(@Nullable ThreadFactory userFactory, @Nullable UnaryOperator<Runnable> decorator) {
		this.userFactory = userFactory;
		this.decorator = decorator;
		this.trusted = VirtualThreads.inPlaceOf(userFactory);
	}

	/**
	 * The broker serves: called by the thread that calls its listenAndServe.
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
	 * @throws OutOfMemoryError if the JVM can start no thread
	 */
	void start(Task task) {
		UnaryOperator<Runnable> wrapping = this.decorator;
		startAsIs((wrapping != null) ? new DecoratedTask(task, wrapping) : task);
	}

	private void startAsIs(Task task) {
		String name = task.threadName();
		ThreadFactory factory = this.userFactory;
		ThreadFactory virtual = VirtualThreads.plain();
		if (factory == null && virtual != null && task.prefersVirtualThread()) {
			start(virtual.newThread(task), name);
		}
		else if (factory == null) {
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
	 * Runs a short task that may call user code on a helper thread, named
	 * {@code broker-hand-<n>}, which runs this task only. Thread-locals, a context class
	 * loader or an interrupt that user code leaves there affect no other code.
	 * @throws OutOfMemoryError if the JVM can start no thread
	 */
	void runOnHelper(Runnable task) {
		own("broker-hand-" + this.helperCount.incrementAndGet(), () -> {
			try {
				task.run();
			}
			catch (Throwable ignored) {
				// G9: what user code throws here must not affect other code.
			}
		}).start();
	}

	/**
	 * Runs a short task on a helper thread. If there is none, the caller runs the other
	 * task.
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
	 * A platform thread that inherits nothing from the thread that happens to make it: an
	 * operator's, a crashed incarnation's or the timer's. It is a daemon, and not
	 * started.
	 */
	Thread own(String name, Runnable task) {
		return own(ThreadInheritance.MAIN_GROUP, name, task);
	}

	/**
	 * The thread that keeps the JVM up. It belongs to the thread group of the caller of
	 * listenAndServe, as the application's own threads do: some launchers end the JVM
	 * when that group has no non-daemon thread.
	 */
	Thread holdingTheJvm(Runnable task) {
		ThreadGroup group = this.launcherGroup;
		if (group != null) {
			try {
				return own(group, KEEP_ALIVE, task);
			}
			catch (IllegalThreadStateException destroyed) {
				// Up to JDK 18 a group can be destroyed. Then no launcher waits for it.
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
	 * Waits, as {@link LockSupport#park(Object)} does, until another thread lets the
	 * waiter go on and then unparks this one. May return before that. Allocates nothing:
	 * if this thread ended for lack of memory, other threads would wait for it for ever.
	 */
	void park(Waiter waiter) {
		if (!waiter.mayGoOn()) {
			try {
				LockSupport.park(waiter);
			}
			catch (OutOfMemoryError atOnce) {
				// Only a virtual thread needs memory to park. The caller asks again.
			}
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
	 * Whether calling a thread's methods can run user code, since its class belongs
	 * neither to the JDK nor to this library.
	 */
	static boolean isForeign(Thread thread) {
		Class<?> type = thread.getClass();
		return type != OwnThread.class && type.getClassLoader() != null;
	}

	/**
	 * Whether {@link #own} made a thread. Such a thread must not wait for its own broker.
	 */
	boolean isOwn(Thread thread) {
		return thread instanceof OwnThread own && own.maker == this;
	}

	/**
	 * What a thread waits for in {@link #park}.
	 */
	interface Waiter {

		/** Whether there is nothing to wait for any more. */
		boolean mayGoOn();

	}

	/**
	 * What a thread of an incarnation runs.
	 */
	interface Task extends Runnable {

		/** The thread's name; it replaces the name that the factory gave. */
		String threadName();

		/**
		 * Whether it runs on a virtual thread if the JVM has them and the user gave no
		 * ThreadFactory.
		 */
		boolean prefersVirtualThread();

		/**
		 * The current thread will work for it, but calls the user's thread decorator
		 * before {@link #run()}. Not called if there is no decorator.
		 */
		void enter();

		/** The current thread does no more for it, after {@link #enter()}. */
		void leave();

		/** The thread decorator threw when {@link #run()} had begun already. */
		void decoratorThrew(Throwable thrown);

		/**
		 * The ThreadFactory gave no usable thread, or the thread decorator did not call
		 * {@link #run()}.
		 */
		void refused(Throwable noThread);

		/** The JVM could start no thread for it now. Called at most once. */
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
