package dev.cider.broker;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Calls one monitor, one letter after another, on a thread that does nothing else.
 */
final class Mailbox implements Runnable {

	private final BlockingQueue<Runnable> letters = new LinkedBlockingQueue<>();

	private final CountDownLatch emptied = new CountDownLatch(1);

	private final Consumer<Throwable> monitorThrew;

	Mailbox(Consumer<Throwable> monitorThrew) {
		this.monitorThrew = monitorThrew;
	}

	/**
	 * Leaves a letter: a call of the monitor. Never waits.
	 */
	void put(Runnable letter) {
		this.letters.add(letter);
	}

	/**
	 * Leaves the last letter; what is left after it is never read, so that nobody is told
	 * anything after the end.
	 */
	void putLast(Runnable letter) {
		this.letters.add(new Last(letter));
	}

	@Override
	public void run() {
		Runnable letter;
		do {
			letter = take();
			try {
				letter.run();
			}
			catch (Throwable thrown) {
				this.monitorThrew.accept(thrown);
			}
		}
		while (!(letter instanceof Last));
		this.emptied.countDown();
	}

	/**
	 * Waits until the last letter was read, or until a deadline.
	 * @param deadline as of {@link System#nanoTime()}
	 */
	void awaitEmptied(long deadline) throws InterruptedException {
		this.emptied.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
	}

	private Runnable take() {
		while (true) {
			try {
				return this.letters.take();
			}
			catch (InterruptedException stray) {
				// Only the monitor itself can have done that: the letters go on.
			}
		}
	}

	/**
	 * The call that ends it all.
	 */
	private record Last(Runnable letter) implements Runnable {

		@Override
		public void run() {
			this.letter.run();
		}

	}

}
