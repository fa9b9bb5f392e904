package dev.cider.broker;

import java.lang.ref.WeakReference;

import org.jspecify.annotations.Nullable;

/**
 * Remembers instances by identity, without keeping them alive and without calling their
 * {@code equals} or {@code hashCode}. Every restart of every endpoint adds an instance,
 * so the set is striped: instances with different hashes mostly take different locks.
 * <p>
 * The garbage collector clears the reference to an instance that is gone. The additions
 * after a collection remove the cleared references, each of them a few, so the set
 * shrinks again after a storm of restarts and no thread has to watch it.
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
	 * Removes all that the garbage collector has cleared. Takes time in proportion to all
	 * that was added: for a thread that holds nobody up.
	 */
	void sweep() {
		for (Stripe stripe : this.stripes) {
			stripe.sweep();
		}
	}

	/**
	 * How many references the set holds, cleared ones included.
	 */
	int size() {
		int size = 0;
		for (Stripe stripe : this.stripes) {
			size += stripe.size();
		}
		return size;
	}

	/**
	 * A hash table of chained references. Its lock is held for one addition.
	 */
	private static final class Stripe {

		/** A table up to this length is swept only when it is full. */
		private static final int SMALL = 64;

		/**
		 * How many places an addition sweeps: more than one, or a table that fills up
		 * would never be swept to its end.
		 */
		private static final int SWEPT_AT_ONCE = 8;

		private @Nullable Seen[] table = new Seen[2];

		/** How many references are in the table, cleared ones included. */
		private int size;

		/** Cleared by the first collection after the last sweep began. */
		private WeakReference<Object> sinceSweep = new WeakReference<>(null);

		/** How many places of the table are still to be swept, the last ones first. */
		private int unswept;

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
			if (this.table.length > SMALL) {
				sweepSome();
			}
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

		/** Doubles the places, unless half of them are free after a sweep. */
		private void makeRoom() {
			int length = this.table.length;
			this.unswept = length;
			sweepTo(0);
			resize((this.size > length / 2) ? 2 * length : length);
		}

		private void sweepSome() {
			if (this.unswept == 0 && this.sinceSweep.refersTo(null)) {
				this.sinceSweep = new WeakReference<>(new Object());
				this.unswept = this.table.length;
			}
			if (this.unswept > 0) {
				sweepTo(Math.max(0, this.unswept - SWEPT_AT_ONCE));
				if (this.unswept == 0) {
					shrink();
				}
			}
		}

		synchronized void sweep() {
			this.unswept = this.table.length;
			sweepTo(0);
			shrink();
		}

		synchronized int size() {
			return this.size;
		}

		/** Leaves room for twice as many as there are. */
		private void shrink() {
			int length = this.table.length;
			while (length > SMALL && this.size < length / 4) {
				length /= 2;
			}
			resize(length);
		}

		private void sweepTo(int place) {
			while (this.unswept > place) {
				this.unswept--;
				this.table[this.unswept] = swept(this.table[this.unswept]);
			}
		}

		private @Nullable Seen swept(@Nullable Seen chain) {
			Seen left = null;
			Seen seen = chain;
			while (seen != null) {
				Seen next = seen.next;
				if (seen.refersTo(null)) {
					this.size--;
				}
				else {
					seen.next = left;
					left = seen;
				}
				seen = next;
			}
			return left;
		}

		/** Nothing is changed before there is memory for it. */
		private void resize(int length) {
			@Nullable Seen[] before = this.table;
			if (length == before.length) {
				return;
			}
			this.table = new Seen[length];
			this.size = 0;
			this.unswept = 0;
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

	}

	private static final class Seen extends WeakReference<Endpoint> {

		private @Nullable Seen next;

		Seen(Endpoint instance) {
			super(instance);
		}

	}

}
