package dev.cider.broker;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import org.jspecify.annotations.Nullable;

/**
 * Calls one monitor, one notification after another, on a thread of its own. Many threads
 * put notifications, perhaps one per endpoint. None of them waits for the monitor or for
 * another of them.
 */
final class Mailbox implements Runnable {

	private final NotificationQueue queue = new NotificationQueue();

	/** Whether the last notification was put. */
	private final AtomicBoolean closed = new AtomicBoolean();

	/** Whether the last one was delivered: what is put now may stay in the queue. */
	private volatile boolean ended;

	private final AtomicLong lost = new AtomicLong();

	/**
	 * Orders the report "begins to lose" of a putting thread and the report "has lost" of
	 * the mailbox's thread. Taken only when something is lost; no user code runs under
	 * it.
	 */
	private final Object lossLock = new Object();

	/**
	 * How many notifications were lost since the owner was last told that there is room.
	 * Above 0, the owner was told of the loss. Written under the lock.
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
	 * @throws OutOfMemoryError if nothing was put: the caller may put it again
	 */
	boolean put(Notification notification) {
		if (!isOpenFor(notification)) {
			return false;
		}
		Notification tooMany = add(notification);
		if (tooMany != null) {
			lose(tooMany);
		}
		// Another thread may put the last notification meanwhile. This thread adds and
		// then reads that the mailbox has ended; the mailbox's thread writes that and
		// then empties the queue. So the mailbox's thread takes this notification, or
		// this thread removes it.
		return !this.ended || !this.queue.remove(notification);
	}

	private @Nullable Notification add(Notification notification) {
		try {
			return this.queue.add(notification);
		}
		catch (OutOfMemoryError notAdded) {
			if (notification.kind() == Notification.Kind.LAST) {
				this.closed.set(false);
			}
			throw notAdded;
		}
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
				sayThatItLoses();
			}
			// After the count: the mailbox's thread waits for the count when it meets a
			// tombstone, and could not do so if the tombstone were removed.
			this.queue.sweep();
		}
	}

	/** Without memory only this line is lost: the caller must not put it all again. */
	private void sayThatItLoses() {
		try {
			this.owner.beginsToLose();
		}
		catch (OutOfMemoryError unsaid) {
			// The report of how many were lost will follow.
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
			sayThatItThrew(thrown);
		}
	}

	/** If the owner throws, this thread must still deliver the last notification. */
	private void sayThatItThrew(Throwable thrown) {
		try {
			this.owner.threw(thrown);
		}
		catch (Throwable lost) {
			// The owner itself would log it.
		}
	}

	/**
	 * Called for a tombstone. The thread that discarded the notification may not have
	 * counted it yet, but it must be counted before the monitor is told of the next one.
	 */
	private void awaitCount() {
		synchronized (this.lossLock) {
			// The discarding thread counts before it releases the lock.
		}
	}

	private void sayWhatWasLost() {
		if (this.losing == 0 || !this.queue.hasRoom()) {
			return;
		}
		try {
			this.owner.hasLost(takeLosing());
		}
		catch (Throwable lost) {
			// As above.
		}
	}

	private long takeLosing() {
		synchronized (this.lossLock) {
			long lostMeanwhile = this.losing;
			this.losing = 0;
			return lostMeanwhile;
		}
	}

	/**
	 * Delivers notes only: nothing more happens to endpoints once the last notification
	 * is put.
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
	 * A mailbox tells it of losses and failures. Must not throw.
	 */
	interface Owner {

		/**
		 * A notification was lost, the first since there was room. Called on a putting
		 * thread, under a lock: must not wait or run user code.
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
