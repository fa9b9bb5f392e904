package dev.cider.broker;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

import org.jspecify.annotations.Nullable;

/**
 * Bounded queue of the notifications that wait for one monitor, in the order in which
 * they came. It holds at most {@value #BOUND} changes, crashes and notes each, and one
 * drop per endpoint. When there is no room, the newest notification is lost. A second
 * drop of one endpoint displaces the older one, but goes to the end of the queue: a
 * monitor is told of events in the order in which they happened.
 * <p>
 * Many threads add notifications, those of one endpoint one after another; one thread
 * takes them. No adding thread waits for another: all endpoints of a broker use this
 * queue.
 */
final class NotificationQueue {

	/** How many notifications of a kind may wait. */
	static final int BOUND = 65_536;

	/**
	 * The taking thread spins briefly before it parks: waking a parked thread is
	 * expensive.
	 */
	private final LinkedTransferQueue<Notification> queue = new LinkedTransferQueue<>();

	/** How many of each kind are in the queue or about to be. */
	private final AtomicIntegerArray waiting = new AtomicIntegerArray(Notification.Kind.values().length);

	/** The drop of each endpoint that is in the queue or about to be. */
	private final Map<String, Notification> drops = new ConcurrentHashMap<>();

	/** About how many tombstones of displaced drops are still in the queue. */
	private final AtomicInteger tombstones = new AtomicInteger();

	/**
	 * Adds a notification at the end, if there is room for it.
	 * @return the notification that the caller has to discard: this one, or an older drop
	 * that it displaces and that the mailbox's thread may just have taken; {@code null}
	 * if there is none
	 * @throws OutOfMemoryError if nothing has changed
	 */
	@Nullable Notification add(Notification notification) {
		String dropped = notification.dropped();
		if (dropped != null) {
			return addDrop(dropped, notification);
		}
		if (!enters(notification.kind())) {
			return notification;
		}
		try {
			this.queue.add(notification);
		}
		catch (OutOfMemoryError notAdded) {
			leave(notification);
			throw notAdded;
		}
		return null;
	}

	private @Nullable Notification addDrop(String dropped, Notification notification) {
		Notification older = this.drops.put(dropped, notification);
		try {
			this.queue.add(notification);
		}
		catch (OutOfMemoryError notAdded) {
			if (older == null) {
				leave(notification);
			}
			else {
				this.drops.replace(dropped, notification, older);
			}
			throw notAdded;
		}
		return older;
	}

	/**
	 * Called after a notification was discarded, whose tombstone may still be in the
	 * queue. Removes the tombstones when there are too many.
	 */
	void sweep() {
		if (this.tombstones.incrementAndGet() >= BOUND) {
			this.tombstones.set(0);
			this.queue.removeIf(Notification::isTombstone);
		}
	}

	private boolean enters(Notification.Kind kind) {
		int bound = (kind != Notification.Kind.LAST) ? BOUND : Integer.MAX_VALUE;
		return this.waiting.getAndUpdate(kind.ordinal(), (count) -> (count < bound) ? count + 1 : count) < bound;
	}

	/**
	 * Takes the oldest notification. Waits for one, and cannot be interrupted.
	 * @return the notification, perhaps the tombstone of a displaced drop
	 */
	Notification take() {
		while (true) {
			try {
				Notification oldest = this.queue.take();
				leave(oldest);
				return oldest;
			}
			catch (InterruptedException stray) {
				// Only the monitor's own code can have interrupted this thread: keep
				// waiting.
			}
			catch (OutOfMemoryError noMemory) {
				// A take that waits allocates memory. Try again later: without this
				// thread the monitor would not even be told of the end.
				Shortage.awaitMemory();
			}
		}
	}

	/**
	 * Takes the oldest notification, if there is one.
	 */
	@Nullable Notification poll() {
		Notification oldest = this.queue.poll();
		if (oldest != null) {
			leave(oldest);
		}
		return oldest;
	}

	private void leave(Notification taken) {
		String dropped = taken.dropped();
		if (dropped != null) {
			this.drops.remove(dropped, taken);
		}
		else {
			this.waiting.decrementAndGet(taken.kind().ordinal());
		}
	}

	/**
	 * Removes a notification, unless it was taken.
	 */
	boolean remove(Notification notification) {
		return this.queue.remove(notification);
	}

	/**
	 * Whether nothing will be lost for a while. Half of each bound must be free, since
	 * the next notification would fill a single place. No drop may wait, since the next
	 * one could displace it.
	 */
	boolean hasRoom() {
		return hasRoom(Notification.Kind.CHANGE) && hasRoom(Notification.Kind.CRASH) && hasRoom(Notification.Kind.NOTE)
				&& this.drops.isEmpty();
	}

	private boolean hasRoom(Notification.Kind kind) {
		return this.waiting.get(kind.ordinal()) <= BOUND / 2;
	}

}
