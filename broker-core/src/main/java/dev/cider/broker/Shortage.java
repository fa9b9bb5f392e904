package dev.cider.broker;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * What to do when the JVM has no memory or no thread: try again after a pause.
 */
final class Shortage {

	/** How long to wait before trying again. */
	static final Duration PAUSE = Duration.ofMillis(100);

	/** Made early: it is needed when there is no memory. */
	private static final long PAUSE_NANOS = PAUSE.toNanos();

	private Shortage() {
	}

	/**
	 * Waits for memory: then the caller tries again what it could not do. Used where an
	 * endpoint, a request or an event would be lost if the thread gave up: then even an
	 * operator's thread waits, until there is memory for a few small objects. Without
	 * memory for classes, in an application whose class loaders leak, it may wait for
	 * ever. The loop is written out at each place, because a lambda for a common one
	 * would itself need memory.
	 */
	static void awaitMemory() {
		// park would return at once.
		boolean interrupted = Thread.interrupted();
		try {
			LockSupport.parkNanos(PAUSE_NANOS);
		}
		catch (OutOfMemoryError atOnce) {
			// Only a virtual thread needs memory to park. It tries again without a pause.
		}
		if (interrupted) {
			interruptAgain();
		}
	}

	/**
	 * Sets the calling thread's interrupt flag, which the broker has cleared. A Thread of
	 * the user's ThreadFactory may override interrupt with code that throws.
	 */
	static void interruptAgain() {
		try {
			Thread.currentThread().interrupt();
		}
		catch (Throwable broken) {
			// G9: the instance must still be closed.
		}
	}

}
