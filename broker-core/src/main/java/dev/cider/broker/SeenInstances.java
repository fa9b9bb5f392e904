package dev.cider.broker;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;

import org.jspecify.annotations.Nullable;

/**
 * Remembers instances by identity, without keeping them alive and without calling their
 * {@code equals} or {@code hashCode}. Every restart of every endpoint comes by here, so
 * there are several sets that know nothing of each other, and one object per instance.
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
		int hash = System.identityHashCode(instance);
		// The lowest bits choose the stripe, the others the place in it.
		return this.stripes[hash & (STRIPES - 1)].add(instance, hash >>> STRIPE_BITS);
	}

	/** A hash table of chained references. Its lock is held for one addition. */
	private static final class Stripe {

		private final ReferenceQueue<Endpoint> cleared = new ReferenceQueue<>();

		private @Nullable Seen[] table = new Seen[2];

		private int size;

		synchronized boolean add(Endpoint instance, int hash) {
			for (Object gone = this.cleared.poll(); gone != null; gone = this.cleared.poll()) {
				remove((Seen) gone);
			}
			for (Seen seen = this.table[place(hash)]; seen != null; seen = seen.next) {
				if (seen.refersTo(instance)) {
					return false;
				}
			}
			if (this.size == this.table.length) {
				grow();
			}
			link(new Seen(instance, hash, this.cleared));
			this.size++;
			return true;
		}

		private int place(int hash) {
			return hash & (this.table.length - 1);
		}

		private void link(Seen seen) {
			seen.next = this.table[place(seen.hash)];
			this.table[place(seen.hash)] = seen;
		}

		private void grow() {
			@Nullable Seen[] before = this.table;
			this.table = new Seen[2 * before.length];
			for (Seen first : before) {
				Seen seen = first;
				while (seen != null) {
					Seen next = seen.next;
					link(seen);
					seen = next;
				}
			}
		}

		private void remove(Seen gone) {
			Seen before = null;
			Seen seen = this.table[place(gone.hash)];
			while (seen != null && seen != gone) {
				before = seen;
				seen = seen.next;
			}
			if (seen == null) {
				return;
			}
			if (before == null) {
				this.table[place(gone.hash)] = gone.next;
			}
			else {
				before.next = gone.next;
			}
			this.size--;
		}

	}

	private static final class Seen extends WeakReference<Endpoint> {

		private final int hash;

		private @Nullable Seen next;

		Seen(Endpoint instance, int hash, ReferenceQueue<Endpoint> cleared) {
			super(instance, cleared);
			this.hash = hash;
		}

	}

}
