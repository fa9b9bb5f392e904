package dev.cider.broker;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * The endpoints of one broker: found by their ids, listed in the order of registration.
 * Threads may add, remove and read at the same time; reading takes no lock. A reader does
 * not see an endpoint that {@linkplain EndpointSupervisor#isRemoved() was removed}, even
 * while it is still in this registry and keeps its id from being taken again.
 */
final class EndpointRegistry {

	private final Map<String, EndpointSupervisor> byId = new ConcurrentHashMap<>();

	/** Removed endpoints with abandoned incarnations that still run, by their ids. */
	private final Map<String, EndpointSupervisor> outlived = new ConcurrentHashMap<>();

	private volatile Order inOrder = new Order(new EndpointSupervisor[8], 0);

	/** How many places in the order are empty; guarded by this object's lock. */
	private int holes;

	/**
	 * Adds an endpoint.
	 * @param predecessor the {@linkplain #outlived outlived} endpoint of this id that the
	 * caller knows
	 * @return {@code false}, and nothing has changed, if there is another one by now
	 * @throws IllegalArgumentException if the id is taken
	 */
	synchronized boolean add(String id, EndpointSupervisor supervisor, @Nullable EndpointSupervisor predecessor) {
		requireFree(id);
		EndpointSupervisor outlived = this.outlived.get(id);
		if (outlived != null && outlived != predecessor) {
			return false;
		}
		Order before = this.inOrder;
		int place = before.filled;
		@Nullable EndpointSupervisor[] all = (place < before.all.length) ? before.all
				: Arrays.copyOf(before.all, place + (place >> 1));
		Order after = new Order(all, place + 1);
		this.byId.put(id, supervisor);
		all[place] = supervisor;
		this.inOrder = after;
		return true;
	}

	/**
	 * Checks that an id is not taken.
	 * @throws IllegalArgumentException if it is
	 */
	void requireFree(String id) {
		if (this.byId.containsKey(id)) {
			throw new IllegalArgumentException(
					"Invalid endpoint id '" + id + "': a factory is already registered under it");
		}
	}

	/**
	 * Removes an endpoint: its id is free again. Takes time in proportion to the number
	 * of endpoints, but little: it compares references. Can be repeated: the map, which
	 * may lack memory, comes last.
	 */
	synchronized void remove(String id, EndpointSupervisor supervisor) {
		Order order = this.inOrder;
		for (int i = 0; i < order.filled; i++) {
			if (order.all[i] == supervisor) {
				order.all[i] = null;
				this.holes++;
				break;
			}
		}
		if (this.holes > order.filled / 2) {
			close(order);
		}
		this.byId.remove(id, supervisor);
	}

	/** Without memory the holes stay; the next removal closes them. */
	private void close(Order order) {
		try {
			@Nullable EndpointSupervisor[] all = new EndpointSupervisor[Math.max(8, order.filled - this.holes)];
			int filled = 0;
			for (int i = 0; i < order.filled; i++) {
				if (order.all[i] != null) {
					all[filled++] = order.all[i];
				}
			}
			this.inOrder = new Order(all, filled);
			this.holes = 0;
		}
		catch (OutOfMemoryError later) {
			// Nothing has changed.
		}
	}

	@Nullable EndpointSupervisor find(String id) {
		EndpointSupervisor found = this.byId.get(id);
		return (found != null && !found.isRemoved()) ? found : null;
	}

	Stream<EndpointSupervisor> inOrder() {
		Order seen = this.inOrder;
		return Arrays.stream(seen.all, 0, seen.filled).mapMulti((each, sink) -> {
			if (each != null && !each.isRemoved()) {
				sink.accept(each);
			}
		});
	}

	// Removed endpoints that an abandoned incarnation outlives

	/**
	 * Remembers an endpoint that is about to be removed while abandoned incarnations of
	 * it still run.
	 */
	void addOutlived(String id, EndpointSupervisor removed) {
		this.outlived.put(id, removed);
	}

	/** No abandoned incarnation runs any more, or they are those of a successor now. */
	void removeOutlived(String id, EndpointSupervisor removed) {
		this.outlived.remove(id, removed);
	}

	/**
	 * The removed endpoint of this id whose abandoned incarnations still run.
	 */
	@Nullable EndpointSupervisor outlived(String id) {
		return this.outlived.get(id);
	}

	/**
	 * The endpoint of this id, or else the {@linkplain #outlived outlived} one.
	 */
	@Nullable EndpointSupervisor findLast(String id) {
		// In this order: a thread that removes an endpoint adds it to the outlived ones
		// before it hides it.
		EndpointSupervisor found = find(id);
		return (found != null) ? found : outlived(id);
	}

	/**
	 * All endpoints that may have live incarnations: those that are listed, and removed
	 * ones that an abandoned incarnation outlives. None is there twice.
	 */
	Stream<EndpointSupervisor> withOutlived() {
		// The order first: a thread that removes an endpoint adds it to the outlived ones
		// before it disappears from the order. So it is found in one of them.
		return this.outlived.isEmpty() ? inOrder()
				: Stream.concat(inOrder(), this.outlived.values().stream()).distinct();
	}

	/**
	 * The first places of an array. Two orders may share an array: a writer fills a place
	 * before it publishes the order that has this place. A place may be emptied while
	 * others read it.
	 *
	 * @param all the endpoints, and {@code null} where one was removed
	 * @param filled how many places are in use
	 */
	@SuppressWarnings("ArrayRecordComponent")
	private record Order(@Nullable EndpointSupervisor[] all, int filled) {
	}

}
