package dev.cider.broker;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import org.jspecify.annotations.Nullable;

/**
 * Calls one monitor, one letter after another, on a thread that does nothing else. Many
 * may put letters, each for an instant under a lock under which no user code runs.
 */
final class Mailbox implements Runnable {

	/** Guards all fields that are not safe by themselves. */
	private final Object lock = new Object();

	private final Letters letters = new Letters();

	/** Whether the last letter was put. */
	private boolean closed;

	/** Letters lost since there was room; while it is not 0 the owner knows. */
	private long losing;

	/** Written under the lock, read by anybody. */
	private final AtomicLong lost = new AtomicLong();

	private final CountDownLatch emptied = new CountDownLatch(1);

	private final Owner owner;

	Mailbox(Owner owner) {
		this.owner = owner;
	}

	/**
	 * Leaves a letter. Never waits: when there is no room a letter is lost, and counted.
	 * After the last letter this does nothing, so that nobody is told anything after the
	 * end.
	 * @return whether the mailbox was still open
	 */
	boolean put(Letter letter) {
		synchronized (this.lock) {
			if (this.closed) {
				return false;
			}
			this.closed = letter.kind() == Letter.Kind.LAST;
			boolean complete = this.letters.add(letter);
			this.lock.notifyAll();
			if (!complete) {
				this.lost.incrementAndGet();
				if (++this.losing == 1) {
					// Under the lock: the taker could say that it is over before we have
					// said that it begins.
					this.owner.beginsToLose();
				}
			}
			return true;
		}
	}

	@Override
	public void run() {
		Letter letter;
		do {
			letter = take();
			try {
				letter.read();
			}
			catch (Throwable thrown) {
				this.owner.threw(thrown);
			}
		}
		while (letter.kind() != Letter.Kind.LAST);
		this.emptied.countDown();
	}

	/**
	 * How many letters were lost so far. Waits for nobody.
	 */
	long lost() {
		return this.lost.get();
	}

	/**
	 * Waits until the last letter was read, or until a deadline.
	 * @param deadline as of {@link System#nanoTime()}
	 */
	void awaitEmptied(long deadline) throws InterruptedException {
		this.emptied.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
	}

	private Letter take() {
		long lostMeanwhile = 0;
		Letter letter;
		synchronized (this.lock) {
			letter = awaitNext();
			if (this.losing > 0 && this.letters.hasRoom()) {
				lostMeanwhile = this.losing;
				this.losing = 0;
			}
		}
		if (lostMeanwhile > 0) {
			this.owner.hasLost(lostMeanwhile);
		}
		return letter;
	}

	private Letter awaitNext() {
		@Nullable Letter letter = this.letters.poll();
		while (letter == null) {
			try {
				this.lock.wait();
			}
			catch (InterruptedException stray) {
				// Only the monitor itself can have done that: the letters go on.
			}
			letter = this.letters.poll();
		}
		return letter;
	}

	/**
	 * Hears what is to be known of a mailbox. Must not throw.
	 */
	interface Owner {

		/**
		 * A letter was lost, the first since there was room. Called by whoever puts,
		 * under the lock: must not wait, nor run user code.
		 */
		void beginsToLose();

		/**
		 * There is room again. Called on the mailbox's thread.
		 * @param letters how many were lost
		 */
		void hasLost(long letters);

		/**
		 * A letter threw. Called on the mailbox's thread.
		 */
		void threw(Throwable thrown);

	}

}
