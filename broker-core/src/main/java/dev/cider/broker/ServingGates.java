package dev.cider.broker;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Refuses endpoints that would wait for ever, because they wait for an endpoint that does
 * not exist, or for each other.
 */
final class ServingGates {

	/** The ids of those that each endpoint waits for. */
	private final Map<String, List<String>> waitFor;

	/** Those from which no circle can be reached. */
	private final Set<String> fine = new LinkedHashSet<>();

	private ServingGates(Map<String, List<String>> waitFor) {
		this.waitFor = waitFor;
	}

	/**
	 * Checks all endpoints of a broker.
	 * @param waitFor the ids of those that each endpoint waits for
	 * @throws IllegalArgumentException if one of them would wait for ever
	 */
	static void check(Map<String, List<String>> waitFor) {
		ServingGates gates = new ServingGates(waitFor);
		waitFor.forEach((id, others) -> others.forEach((other) -> gates.requireKnown(id, other)));
		waitFor.keySet().forEach((id) -> gates.requireNoCircle(id, new LinkedHashSet<>()));
	}

	/**
	 * Checks an endpoint that is added to a broker. Others may wait for what was removed.
	 * @param waitFor the ids of those that each endpoint waits for
	 * @throws IllegalArgumentException if it would wait for ever
	 */
	static void checkAdded(String id, Map<String, List<String>> waitFor) {
		ServingGates gates = new ServingGates(waitFor);
		waitFor.getOrDefault(id, List.of()).forEach((other) -> gates.requireKnown(id, other));
		gates.requireNoCircle(id, new LinkedHashSet<>());
	}

	private void requireKnown(String id, String other) {
		if (!this.waitFor.containsKey(other)) {
			throw new IllegalArgumentException("Invalid gate of endpoint '" + id + "': it waits for endpoint '" + other
					+ "', which is not registered; registered are " + quoted(this.waitFor.keySet()));
		}
	}

	private void requireNoCircle(String id, Set<String> path) {
		if (this.fine.contains(id)) {
			return;
		}
		if (!path.add(id)) {
			List<String> circle = new ArrayList<>(path);
			List<String> ends = new ArrayList<>(circle.subList(circle.indexOf(id), circle.size()));
			ends.add(id);
			throw new IllegalArgumentException("Invalid gates of endpoints: they wait for each other, so that none ever"
					+ " starts: " + String.join(" -> ", ends));
		}
		this.waitFor.getOrDefault(id, List.of()).forEach((other) -> requireNoCircle(other, path));
		path.remove(id);
		this.fine.add(id);
	}

	private static String quoted(Set<String> ids) {
		return ids.stream().map((id) -> "'" + id + "'").collect(Collectors.joining(", "));
	}

}
