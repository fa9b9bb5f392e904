package dev.cider.broker;

import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Letters that wait, in the order in which they came, and never too many: of changes,
 * crashes and notes at most {@value #BOUND} each, of drops one per endpoint. When there
 * is no room, the newest is lost. Of two drops of one endpoint the older is lost and the
 * newer one goes to the end, not to the place of the older one: a monitor is told things
 * in the order in which they happened.
 * <p>
 * A ring of linked letters, so that one can be taken out of the middle, a taker needs no
 * memory, and what was once full takes no more room than what waits now. Not thread-safe.
 */
final class Letters {

	/** How many letters of a kind may wait. */
	static final int BOUND = 65_536;

	private final Letter ring = Letter.note(() -> {
	});

	private final int[] waiting = new int[Letter.Kind.values().length];

	private final Map<String, Letter> drops = new HashMap<>();

	/**
	 * Adds a letter at the end, if there is room for it.
	 * @return whether nothing was lost: neither this letter nor an older one
	 */
	boolean add(Letter letter) {
		String dropped = letter.dropped();
		if (dropped != null) {
			Letter older = this.drops.put(dropped, letter);
			if (older != null) {
				unlink(older);
			}
			link(letter);
			return older == null;
		}
		if (letter.kind() != Letter.Kind.LAST && waiting(letter.kind()) == BOUND) {
			return false;
		}
		link(letter);
		return true;
	}

	/**
	 * Takes the oldest letter.
	 * @return the letter, or {@code null} if none waits
	 */
	@Nullable Letter poll() {
		Letter oldest = this.ring.after;
		if (oldest == this.ring) {
			return null;
		}
		unlink(oldest);
		String dropped = oldest.dropped();
		if (dropped != null) {
			this.drops.remove(dropped);
		}
		return oldest;
	}

	int waiting(Letter.Kind kind) {
		return this.waiting[kind.ordinal()];
	}

	/**
	 * Whether nothing will be lost for a while. Half a bound of room, as a single place
	 * would be taken by the next letter; and no drop, as the next one could displace it.
	 */
	boolean hasRoom() {
		return waiting(Letter.Kind.CHANGE) <= BOUND / 2 && waiting(Letter.Kind.CRASH) <= BOUND / 2
				&& waiting(Letter.Kind.NOTE) <= BOUND / 2 && this.drops.isEmpty();
	}

	private void link(Letter letter) {
		letter.before = this.ring.before;
		letter.after = this.ring;
		letter.before.after = letter;
		this.ring.before = letter;
		this.waiting[letter.kind().ordinal()]++;
	}

	private void unlink(Letter letter) {
		letter.before.after = letter.after;
		letter.after.before = letter.before;
		letter.before = letter;
		letter.after = letter;
		this.waiting[letter.kind().ordinal()]--;
	}

}
