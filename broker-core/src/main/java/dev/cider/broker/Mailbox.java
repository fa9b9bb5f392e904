package dev.cider.broker;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/**
 * Calls one monitor, one letter after another, on a thread that does nothing else.
 */
final class Mailbox implements Runnable {

	private static final Runnable END = () -> {
	};

	private final BlockingQueue<Runnable> letters = new LinkedBlockingQueue<>();

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
	 * Leaves the last letter; the thread ends after it.
	 */
	void putLast(Runnable letter) {
		this.letters.add(letter);
		this.letters.add(END);
	}

	@Override
	public void run() {
		for (Runnable letter = take(); letter != END; letter = take()) {
			try {
				letter.run();
			}
			catch (Throwable thrown) {
				this.monitorThrew.accept(thrown);
			}
		}
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

}
