package dev.cider.broker;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * What user code does to its supervisor in one life: it dawdles, hangs and throws.
 */
final class ChaosMischief {

	private final CountDownLatch release = new CountDownLatch(1);

	private final Leftovers leftovers;

	ChaosMischief(Leftovers leftovers) {
		this.leftovers = leftovers;
	}

	/** Takes its time, whoever interrupts it; the interrupt is kept. */
	void dawdle(ChaosDice dice) {
		long end = System.nanoTime() + dice.micros(20, 2000).toNanos();
		boolean interrupted = false;
		for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
			LockSupport.parkNanos(left);
			interrupted |= Thread.interrupted();
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	/** Hangs until it is interrupted, or until the end of this life. */
	void hang() throws InterruptedException {
		this.release.await();
	}

	/** Hangs until the end of this life and ignores interrupts. */
	void hangDeaf() {
		Waiting.onDeaf(this.release);
	}

	/** The end of this life: whatever hangs goes on. */
	void release() {
		this.release.countDown();
	}

	boolean isReleased() {
		return this.release.getCount() == 0;
	}

	Throwable error(ChaosDice dice) {
		Throwable error = switch (dice.upTo(6)) {
			case 0 -> new IOException("connection lost");
			case 1 -> new AssertionError("an Error");
			case 2 -> new StackOverflowError("too deep");
			case 3 -> new InterruptedException("nobody did");
			case 4 -> new Unreadable();
			case 5 -> new IllegalStateException("with a cause", new IOException("the cause"));
			default -> new IllegalStateException("boom");
		};
		this.leftovers.watch(error);
		return error;
	}

	void fail(ChaosDice dice) {
		sneak(error(dice));
	}

	@SuppressWarnings("unchecked")
	static <E extends Throwable> void sneak(Throwable error) throws E {
		throw (E) error;
	}

	static Duration shortTime(ChaosDice dice) {
		return dice.micros(1000, 6000);
	}

	/** None of its methods can be trusted. */
	private static final class Unreadable extends RuntimeException {

		private static final long serialVersionUID = 1;

		@Override
		public String getMessage() {
			throw new UnsupportedOperationException("no message");
		}

		@Override
		public synchronized Throwable getCause() {
			throw new UnsupportedOperationException("no cause");
		}

		@Override
		public StackTraceElement[] getStackTrace() {
			throw new UnsupportedOperationException("no stack");
		}

	}

}
