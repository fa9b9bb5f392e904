package dev.cider.broker;

import java.time.Duration;

/**
 * The one place where time comes from, so that tests can bring their own.
 */
interface Time {

	/**
	 * What time it is.
	 */
	Moment now();

	/**
	 * What time it is, as {@link System#nanoTime()}: for arithmetic only.
	 */
	long nanos();

	/**
	 * Makes the timer's thread. Called before anything depends on it: timers are needed
	 * most when threads are short.
	 */
	void start();

	/**
	 * Runs a task once, after a delay, on the timer's thread: it must be short and run no
	 * user code. A task that is cancelled too late may still run.
	 */
	Timer after(Duration delay, Runnable task);

	/**
	 * Ends the timer's thread as soon as nothing is armed any more: an armed task may be
	 * a further try to get a thread, and still runs.
	 */
	void close();

	/**
	 * One armed task.
	 */
	interface Timer {

		void cancel();

	}

}
