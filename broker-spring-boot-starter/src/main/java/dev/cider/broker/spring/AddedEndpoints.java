package dev.cider.broker.spring;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

import dev.cider.broker.Broker;
import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointOptions;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints that the application has added to its broker and not removed. The broker
 * of the next start gets them too: a pause of the context does not lose them.
 */
final class AddedEndpoints {

	/**
	 * In the order of addition. Guarded by this object's lock, which is held while a
	 * broker adds or removes: otherwise a start at the same time could miss an endpoint
	 * that the last broker still got. No user code runs under it.
	 */
	private final Map<String, Added> byId = new LinkedHashMap<>();

	/**
	 * Adds an endpoint to the broker that serves now.
	 */
	synchronized void add(Supplier<BrokerOperations> broker, String id, EndpointFactory factory,
			EndpointOptions options, DropEffect dropEffect) {
		broker.get().add(id, factory, options);
		this.byId.remove(id);
		this.byId.put(id, new Added(id, factory, options, dropEffect));
	}

	/**
	 * Removes any endpoint from the broker that serves now. While it closes, its options
	 * are still known.
	 */
	synchronized CompletableFuture<Void> remove(Supplier<BrokerOperations> broker, String id) {
		CompletableFuture<Void> removal = broker.get().remove(id);
		Added leaving = this.byId.get(id);
		if (leaving == null) {
			return removal;
		}
		leaving.leaves = true;
		// The caller gets a copy: if it is cancelled, the endpoint is forgotten all the
		// same.
		return removal.thenRun(() -> forget(leaving)).copy();
	}

	/** Unless another endpoint was added under the id as soon as it was free. */
	private synchronized void forget(Added removed) {
		if (this.byId.get(removed.id) == removed) {
			this.byId.remove(removed.id);
		}
	}

	/**
	 * Registers all with the broker of the next start, and those of the blueprint. If one
	 * was added in the place of an endpoint of the blueprint, which was removed, it keeps
	 * that place: so it comes first, and the blueprint leaves it out.
	 */
	void registerWith(Broker broker, BrokerBlueprint blueprint) {
		List<Added> all = all();
		Set<String> others = all.isEmpty() ? Set.of() : Set.copyOf(blueprint.ids());
		all.stream().filter((added) -> others.contains(added.id)).forEach((added) -> added.registerWith(broker));
		blueprint.registerEndpoints(broker);
		all.stream().filter((added) -> !others.contains(added.id)).forEach((added) -> added.registerWith(broker));
	}

	private synchronized List<Added> all() {
		return this.byId.values().stream().filter((added) -> !added.leaves).toList();
	}

	/**
	 * The options of an endpoint, if it was added.
	 */
	synchronized @Nullable EndpointOptions options(String id) {
		Added added = this.byId.get(id);
		return (added != null) ? added.options : null;
	}

	/**
	 * The effect of a drop of an endpoint, if it was added.
	 */
	synchronized @Nullable DropEffect dropEffect(String id) {
		Added added = this.byId.get(id);
		return (added != null) ? added.dropEffect : null;
	}

	/**
	 * What an endpoint was added with.
	 */
	private static final class Added {

		private final String id;

		private final EndpointFactory factory;

		private final EndpointOptions options;

		private final DropEffect dropEffect;

		/** Guarded by the lock. */
		private boolean leaves;

		Added(String id, EndpointFactory factory, EndpointOptions options, DropEffect dropEffect) {
			this.id = id;
			this.factory = factory;
			this.options = options;
			this.dropEffect = dropEffect;
		}

		void registerWith(Broker broker) {
			broker.registerEndpointFactory(this.id, this.factory, this.options);
		}

	}

}
