package dev.cider.broker;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * The endpoints of one broker: found by their ids, listed in the order of registration.
 * One thread at a time adds endpoints, and none is ever removed; other threads may read
 * meanwhile.
 */
final class EndpointRegistry {

	private final Map<String, EndpointSupervisor> byId = new ConcurrentHashMap<>();

	/** Filled up to {@link #size}, which writers write last and readers read first. */
	private volatile @Nullable EndpointSupervisor[] inOrder = new EndpointSupervisor[8];

	private volatile int size;

	/**
	 * Adds an endpoint under an id that is not taken. Must not be called by two threads
	 * at once.
	 */
	void add(String id, EndpointSupervisor supervisor) {
		int place = this.size;
		if (place == this.inOrder.length) {
			this.inOrder = Arrays.copyOf(this.inOrder, place + (place >> 1));
		}
		this.inOrder[place] = supervisor;
		this.byId.put(id, supervisor);
		this.size = place + 1;
	}

	@Nullable EndpointSupervisor find(String id) {
		return this.byId.get(id);
	}

	Stream<EndpointSupervisor> inOrder() {
		int filled = this.size;
		return Arrays.stream(this.inOrder, 0, filled).map(Objects::requireNonNull);
	}

}
