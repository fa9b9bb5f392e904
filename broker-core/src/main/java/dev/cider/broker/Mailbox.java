package dev.cider.broker;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Calls one monitor, one notification after another, on a thread of its own. Many threads
 * put notifications. None of them waits for the monitor or for another: there may be as
 * many of them as there are endpoints.
 */
final class Mailbox implements Runnable {

	private final NotificationQueue queue = new NotificationQueue();

	/** Whether the last notification was put. */
	private final AtomicBoolean closed = new AtomicBoolean();

	/** Whether the last notification was delivered: no thread takes what is put now. */
	private volatile boolean ended;

	private final AtomicLong lost = new AtomicLong();

	/**
	 * Orders "begins to lose", said by a thread that puts, and "has lost", said by the
	 * mailbox's thread. Taken only when something is lost; no user code runs under it.
	 */
	private final Object lossLock = new Object();

	/**
	 * How many notifications were lost since there was room. While it is not 0 the owner
	 * knows. Written under the lock.
	 */
	private volatile long losing;

	private final CountDownLatch emptied = new CountDownLatch(1);

	private final Owner owner;

	Mailbox(Owner owner) {
		this.owner = owner;
	}

	/**
	 * Puts a notification. Never waits: when there is no room a notification is lost and
	 * counted. After the last notification this does nothing, so that the monitor is told
	 * nothing after the end.
	 * @return whether the mailbox was still open
	 */
	boolean put(Notification notification) {
		if (!isOpenFor(notification)) {
			return false;
		}
		Notification tooMany = this.queue.add(notification);
		if (tooMany != null) {
			lose(tooMany);
		}
		// Races with a thread that puts the last notification. The mailbox's thread
		// either
		// delivers this one after the last, or had ended before; then it is still there.
		return !this.ended || !this.queue.remove(notification);
	}

	private boolean isOpenFor(Notification notification) {
		return (notification.kind() == Notification.Kind.LAST) ? this.closed.compareAndSet(false, true)
				: !this.closed.get();
	}

	private void lose(Notification notification) {
		synchronized (this.lossLock) {
			if (!notification.discard()) {
				// The mailbox's thread delivered it first: nothing is lost.
				return;
			}
			this.lost.incrementAndGet();
			if (this.losing++ == 0) {
				this.owner.beginsToLose();
			}
			// Only now that it is counted: the mailbox's thread that meets a tombstone
			// waits for the count, and would not wait if the tombstone were gone.
			this.queue.sweep();
		}
	}

	@Override
	public void run() {
		Notification notification;
		do {
			notification = this.queue.take();
			sayWhatWasLost();
			deliver(notification);
		}
		while (notification.kind() != Notification.Kind.LAST);
		this.ended = true;
		deliverLateNotes();
		this.emptied.countDown();
	}

	private void deliver(Notification notification) {
		try {
			if (!notification.deliver()) {
				awaitCount();
			}
		}
		catch (Throwable thrown) {
			guarded(() -> this.owner.threw(thrown));
		}
	}

	/**
	 * Met a tombstone. The thread that discarded the notification may not have counted it
	 * yet, and a monitor that is told what came after it must find it counted.
	 */
	private void awaitCount() {
		synchronized (this.lossLock) {
			// The discarding thread counts before it releases the lock.
		}
	}

	/** An owner that fails must not keep this thread from the last notification. */
	private static void guarded(Runnable say) {
		try {
			say.run();
		}
		catch (Throwable lost) {
			// The owner is the one that would log it.
		}
	}

	private void sayWhatWasLost() {
		if (this.losing == 0 || !this.queue.hasRoom()) {
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
	 * Notes only: nothing more happens to endpoints once the last notification is put.
	 */
	private void deliverLateNotes() {
		for (Notification late = this.queue.poll(); late != null; late = this.queue.poll()) {
			if (late.kind() == Notification.Kind.NOTE) {
				deliver(late);
			}
		}
	}

	/**
	 * How many notifications were lost so far. Does not wait.
	 */
	long lost() {
		return this.lost.get();
	}

	/**
	 * Waits until the last notification was delivered, or until a deadline.
	 * @param deadline as of {@link System#nanoTime()}
	 */
	void awaitEmptied(long deadline) throws InterruptedException {
		this.emptied.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
	}

	/**
	 * Is told what happens to a mailbox. Must not throw.
	 */
	interface Owner {

		/**
		 * A notification was lost, the first since there was room. Called on a thread
		 * that puts, under a lock: must not wait, nor run user code.
		 */
		void beginsToLose();

		/**
		 * There is room again. Called on the mailbox's thread.
		 * @param notifications how many were lost
		 */
		void hasLost(long notifications);

		/**
		 * The monitor threw. Called on the mailbox's thread.
		 */
		void threw(Throwable thrown);

	}

}
