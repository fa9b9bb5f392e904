package dev.cider.broker;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Remembers instances by identity, without keeping them alive and without calling their
 * {@code equals} or {@code hashCode}.
 */
final class SeenInstances {

	private final Set<Reference<?>> references = ConcurrentHashMap.newKeySet();

	private final ReferenceQueue<Endpoint> cleared = new ReferenceQueue<>();

	/**
	 * Adds an instance.
	 * @return {@code false} if it had been added before
	 */
	boolean add(Endpoint instance) {
		for (Reference<?> gone = this.cleared.poll(); gone != null; gone = this.cleared.poll()) {
			this.references.remove(gone);
		}
		return this.references.add(new Identity(instance, this.cleared));
	}

	private static final class Identity extends WeakReference<Endpoint> {

		private final int hash;

		Identity(Endpoint instance, ReferenceQueue<Endpoint> cleared) {
			super(instance, cleared);
			this.hash = System.identityHashCode(instance);
		}

		@Override
		public int hashCode() {
			return this.hash;
		}

		@Override
		public boolean equals(Object other) {
			if (this == other) {
				return true;
			}
			Endpoint instance = get();
			return instance != null && other instanceof Identity identity && identity.refersTo(instance);
		}

	}

}
