package dev.cider.broker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * In which order the endpoints of a broker are closed: each one when all that need it are
 * over. A value that any thread may read; who is over is the caller's to say.
 */
final class StopOrder {

	/** Each endpoint is closed at once. */
	static final StopOrder NONE = new StopOrder(Map.of(), Map.of());

	/** For an endpoint those that must be over before it is closed. */
	private final Map<String, List<String>> dependents;

	/** For an endpoint those that are closed after it. */
	private final Map<String, List<String>> needed;

	private StopOrder(Map<String, List<String>> dependents, Map<String, List<String>> needed) {
		this.dependents = dependents;
		this.needed = needed;
	}

	/**
	 * Makes an order. A need that would close a circle is left out, so that each endpoint
	 * is closed at last: two additions at the same time may bring such a circle about,
	 * each of which alone is allowed.
	 * @param needs for each endpoint the ids of those that must outlive it; ids of
	 * endpoints that are not there are ignored
	 * @return the order; {@link #NONE} if no endpoint needs another one
	 */
	static StopOrder of(Map<String, ? extends Collection<String>> needs) {
		if (needs.values().stream().allMatch(Collection::isEmpty)) {
			return NONE;
		}
		Map<String, List<String>> dependents = new HashMap<>();
		Map<String, List<String>> needed = new HashMap<>();
		Set<String> visited = new HashSet<>();
		for (String id : needs.keySet()) {
			visit(id, needs, visited, (dependent, other) -> {
				dependents.computeIfAbsent(other, (any) -> new ArrayList<>()).add(dependent);
				needed.computeIfAbsent(dependent, (any) -> new ArrayList<>()).add(other);
			});
		}
		return new StopOrder(dependents, needed);
	}

	/**
	 * Walks to all that an endpoint needs, directly or not, the deepest first. No
	 * recursion: a chain of endpoints may be longer than the stack is deep.
	 */
	private static void visit(String id, Map<String, ? extends Collection<String>> needs, Set<String> visited,
			Edges edges) {
		Set<String> path = new HashSet<>();
		Deque<Visit> visits = new ArrayDeque<>();
		if (visited.add(id)) {
			enter(id, needs, path, visits);
		}
		while (!visits.isEmpty()) {
			Visit last = visits.getLast();
			if (!last.others.hasNext()) {
				visits.removeLast();
				path.remove(last.id);
				continue;
			}
			String other = last.others.next();
			if (!needs.containsKey(other) || path.contains(other)) {
				continue;
			}
			edges.add(last.id, other);
			if (visited.add(other)) {
				enter(other, needs, path, visits);
			}
		}
	}

	private static void enter(String id, Map<String, ? extends Collection<String>> needs, Set<String> path,
			Deque<Visit> visits) {
		path.add(id);
		visits.addLast(new Visit(id, new LinkedHashSet<>(needs.get(id)).iterator()));
	}

	/**
	 * Whether an endpoint may be closed now.
	 * @param isOver whether an endpoint is over, or not there any more
	 */
	boolean mayStop(String id, Predicate<String> isOver) {
		for (String dependent : this.dependents.getOrDefault(id, List.of())) {
			if (!isOver.test(dependent)) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Those that are closed after an endpoint: when it is over, they may be next.
	 */
	List<String> neededBy(String id) {
		return this.needed.getOrDefault(id, List.of());
	}

	/** Takes what an endpoint needs. */
	@FunctionalInterface
	private interface Edges {

		void add(String dependent, String needed);

	}

	/**
	 * An endpoint on the path.
	 *
	 * @param id its id
	 * @param others those that it needs and that were not looked at yet
	 */
	private record Visit(String id, Iterator<String> others) {
	}

}
