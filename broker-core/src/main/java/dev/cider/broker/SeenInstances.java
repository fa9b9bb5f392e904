package dev.cider.broker;

import java.lang.ref.WeakReference;

import org.jspecify.annotations.Nullable;

/**
 * Remembers instances by identity, without keeping them alive and without calling their
 * {@code equals} or {@code hashCode}. Every restart of every endpoint comes by here, so
 * there are several sets that know nothing of each other, and one object per instance.
 * There stay as many places as there ever were instances at a time.
 */
final class SeenInstances {

	private static final int STRIPE_BITS = 4;

	private static final int STRIPES = 1 << STRIPE_BITS;

	private final Stripe[] stripes = new Stripe[STRIPES];

	SeenInstances() {
		for (int i = 0; i < STRIPES; i++) {
			this.stripes[i] = new Stripe();
		}
	}

	/**
	 * Adds an instance.
	 * @return {@code false} if it had been added before
	 */
	boolean add(Endpoint instance) {
		// The lowest bits choose the stripe, the others the place in it.
		return this.stripes[System.identityHashCode(instance) & (STRIPES - 1)].add(instance, hash(instance));
	}

	private static int hash(Endpoint instance) {
		return System.identityHashCode(instance) >>> STRIPE_BITS;
	}

	/**
	 * A hash table of chained references. Its lock is held for one addition. Those that
	 * were cleared stay until the table is full, so that nobody has to queue them.
	 */
	private static final class Stripe {

		private @Nullable Seen[] table = new Seen[2];

		/** With those that were cleared meanwhile. */
		private int size;

		synchronized boolean add(Endpoint instance, int hash) {
			for (Seen seen = this.table[place(hash)]; seen != null; seen = seen.next) {
				if (seen.refersTo(instance)) {
					return false;
				}
			}
			if (this.size == this.table.length) {
				makeRoom();
			}
			link(new Seen(instance), hash);
			return true;
		}

		private int place(int hash) {
			return hash & (this.table.length - 1);
		}

		private void link(Seen seen, int hash) {
			seen.next = this.table[place(hash)];
			this.table[place(hash)] = seen;
			this.size++;
		}

		/**
		 * Forgets what is gone; and if that is less than half, twice the places. Nothing
		 * is changed before there is memory for it.
		 */
		private void makeRoom() {
			@Nullable Seen[] before = this.table;
			this.table = new Seen[(living() > before.length / 2) ? 2 * before.length : before.length];
			this.size = 0;
			for (Seen first : before) {
				Seen seen = first;
				while (seen != null) {
					Seen next = seen.next;
					Endpoint instance = seen.get();
					if (instance != null) {
						link(seen, hash(instance));
					}
					seen = next;
				}
			}
		}

		private int living() {
			int living = 0;
			for (Seen first : this.table) {
				for (Seen seen = first; seen != null; seen = seen.next) {
					living += seen.refersTo(null) ? 0 : 1;
				}
			}
			return living;
		}

	}

	private static final class Seen extends WeakReference<Endpoint> {

		private @Nullable Seen next;

		Seen(Endpoint instance) {
			super(instance);
		}

	}

}
