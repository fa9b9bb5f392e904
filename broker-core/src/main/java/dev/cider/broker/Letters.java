package dev.cider.broker;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

/**
 * Letters that wait, in the order in which they came, and never too many: of changes,
 * crashes and notes at most {@value #BOUND} each, of drops one per endpoint. When there
 * is no room, the newest is lost. Of two drops of one endpoint the older is lost and the
 * newer one goes to the end, not to the place of the older one: a monitor is told things
 * in the order in which they happened.
 * <p>
 * Many may add, each endpoint's letters one after another, and one takes. Nobody waits
 * for anybody: all endpoints of a broker come by here.
 */
final class Letters {

	/** How many letters of a kind may wait. */
	static final int BOUND = 65_536;

	/** Its taker looks again for a moment before it sleeps, for to wake it is dear. */
	private final LinkedTransferQueue<Letter> queue = new LinkedTransferQueue<>();

	/** How many of each kind are in the queue or about to be. */
	private final AtomicIntegerArray waiting = new AtomicIntegerArray(Letter.Kind.values().length);

	/** The drop of each endpoint that is in the queue or about to be. */
	private final Map<String, Letter> drops = new ConcurrentHashMap<>();

	/** About how many envelopes of lost drops are still in the queue. */
	private final AtomicInteger empty = new AtomicInteger();

	/**
	 * Adds a letter at the end, if there is room for it.
	 * @return what is to be thrown away for it: this letter itself, or an older one,
	 * which may just have been taken; {@code null} if nothing is
	 */
	@Nullable Letter add(Letter letter) {
		String dropped = letter.dropped();
		if (dropped != null) {
			return addDrop(dropped, letter);
		}
		if (!enters(letter.kind())) {
			return letter;
		}
		this.queue.add(letter);
		return null;
	}

	private @Nullable Letter addDrop(String dropped, Letter letter) {
		Letter older = this.drops.put(dropped, letter);
		this.queue.add(letter);
		return older;
	}

	/**
	 * A letter was thrown away whose envelope may still be in the queue. When there are
	 * too many of those they are taken out.
	 */
	void sweep() {
		if (this.empty.incrementAndGet() >= BOUND) {
			this.empty.set(0);
			this.queue.removeIf(Letter::isEmpty);
		}
	}

	private boolean enters(Letter.Kind kind) {
		int bound = (kind != Letter.Kind.LAST) ? BOUND : Integer.MAX_VALUE;
		return this.waiting.getAndUpdate(kind.ordinal(), (count) -> (count < bound) ? count + 1 : count) < bound;
	}

	/**
	 * Takes the oldest letter. Waits for one, and cannot be interrupted.
	 * @return the letter, perhaps the envelope of a drop that is lost
	 */
	Letter take() {
		while (true) {
			try {
				Letter oldest = this.queue.take();
				leave(oldest);
				return oldest;
			}
			catch (InterruptedException stray) {
				// Only the monitor itself can have done that: the letters go on.
			}
			catch (OutOfMemoryError noMemory) {
				// To wait takes a little. Later perhaps: without its taker a monitor
				// would not even be told of the end.
				LockSupport.parkNanos(this, Time.SHORTAGE_PAUSE.toNanos());
			}
		}
	}

	/**
	 * Takes the oldest letter, if there is one.
	 */
	@Nullable Letter poll() {
		Letter oldest = this.queue.poll();
		if (oldest != null) {
			leave(oldest);
		}
		return oldest;
	}

	private void leave(Letter taken) {
		String dropped = taken.dropped();
		if (dropped != null) {
			this.drops.remove(dropped, taken);
		}
		else {
			this.waiting.decrementAndGet(taken.kind().ordinal());
		}
	}

	/**
	 * Takes back what was added, if nobody has taken it.
	 */
	boolean remove(Letter letter) {
		return this.queue.remove(letter);
	}

	/**
	 * Whether nothing will be lost for a while. Half a bound of room, as a single place
	 * would be taken by the next letter; and no drop, as the next one could displace it.
	 */
	boolean hasRoom() {
		return hasRoom(Letter.Kind.CHANGE) && hasRoom(Letter.Kind.CRASH) && hasRoom(Letter.Kind.NOTE)
				&& this.drops.isEmpty();
	}

	private boolean hasRoom(Letter.Kind kind) {
		return this.waiting.get(kind.ordinal()) <= BOUND / 2;
	}

}
