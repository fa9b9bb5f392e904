package dev.cider.broker;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Calls one monitor, one letter after another, on a thread that does nothing else. Many
 * may put letters, and none of them waits: not for the monitor, nor for each other, for
 * there may be as many of them as there are endpoints.
 */
final class Mailbox implements Runnable {

	private final Letters letters = new Letters();

	/** Whether the last letter was put. */
	private final AtomicBoolean closed = new AtomicBoolean();

	/** Whether the last letter was read: what is put now finds no reader. */
	private volatile boolean ended;

	private final AtomicLong lost = new AtomicLong();

	/**
	 * Makes whoever loses a letter and whoever finds room again say so in turn. Taken
	 * only when something is lost; no user code runs under it.
	 */
	private final Object lossLock = new Object();

	/**
	 * Letters lost since there was room; while it is not 0 the owner knows. Written under
	 * the lock.
	 */
	private volatile long losing;

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
		if (!isOpenFor(letter)) {
			return false;
		}
		Letter tooMany = this.letters.add(letter);
		if (tooMany != null) {
			lose(tooMany);
		}
		// Against whoever closed it meanwhile: its thread comes to this letter even after
		// the last one, or has ended before it was put; then we find it still there.
		return !this.ended || !this.letters.remove(letter);
	}

	private boolean isOpenFor(Letter letter) {
		return (letter.kind() == Letter.Kind.LAST) ? this.closed.compareAndSet(false, true) : !this.closed.get();
	}

	private void lose(Letter letter) {
		synchronized (this.lossLock) {
			if (!letter.empty()) {
				// Its reader was faster: nothing is lost.
				return;
			}
			this.lost.incrementAndGet();
			if (this.losing++ == 0) {
				this.owner.beginsToLose();
			}
			// Not before it is counted: without its envelope its reader would not wait.
			this.letters.sweep();
		}
	}

	@Override
	public void run() {
		Letter letter;
		do {
			letter = this.letters.take();
			sayWhatWasLost();
			read(letter);
		}
		while (letter.kind() != Letter.Kind.LAST);
		this.ended = true;
		readWhatCameLate();
		this.emptied.countDown();
	}

	private void read(Letter letter) {
		try {
			if (!letter.read()) {
				awaitCount();
			}
		}
		catch (Throwable thrown) {
			guarded(() -> this.owner.threw(thrown));
		}
	}

	/**
	 * Whoever has thrown the letter away may not have counted it yet, and a monitor that
	 * hears what came after it must find it counted.
	 */
	private void awaitCount() {
		synchronized (this.lossLock) {
			// The thrower counts before it leaves.
		}
	}

	/** Whatever its owner runs out of, this thread has to come to the last letter. */
	private static void guarded(Runnable say) {
		try {
			say.run();
		}
		catch (Throwable lost) {
			// Who cannot say it has nobody to say that to.
		}
	}

	private void sayWhatWasLost() {
		if (this.losing == 0 || !this.letters.hasRoom()) {
			return;
		}
		guarded(() -> this.owner.hasLost(takeLosing()));
	}

	private long takeLosing() {
		synchronized (this.lossLock) {
			long lostMeanwhile = this.losing;
			this.losing = 0;
			return lostMeanwhile;
		}
	}

	/**
	 * Notes only: of endpoints there is nothing more to be told when the last letter is
	 * put.
	 */
	private void readWhatCameLate() {
		for (Letter late = this.letters.poll(); late != null; late = this.letters.poll()) {
			if (late.kind() == Letter.Kind.NOTE) {
				read(late);
			}
		}
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

	/**
	 * Hears what is to be known of a mailbox. Must not throw.
	 */
	interface Owner {

		/**
		 * A letter was lost, the first since there was room. Called by whoever puts,
		 * under a lock: must not wait, nor run user code.
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
