package dev.cider.broker;

import java.time.Duration;

/**
 * The one place where time comes from, so that tests can bring their own.
 */
interface Time {

	/**
	 * How long to wait before a machine that is out of threads or memory is asked again.
	 */
	Duration SHORTAGE_PAUSE = Duration.ofMillis(100);

	/**
	 * What time it is.
	 */
	Moment now();

	/**
	 * What time it is, for reckoning only.
	 */
	long nanos();

	/**
	 * Makes the timer's thread. Done before anything depends on it: when threads are
	 * short is when timers are needed.
	 */
	void start();

	/**
	 * Runs a task once, after a delay, on the timer's thread: it must be short and run no
	 * user code. A task that is cancelled too late may run all the same.
	 */
	Timer after(Duration delay, Runnable task);

	/**
	 * Lets go of the timer's thread as soon as nothing is armed any more: what still
	 * waits for a thread that could not be had is not given up.
	 */
	void close();

	/**
	 * One armed task.
	 */
	interface Timer {

		void cancel();

	}

}
