package dev.cider.broker;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
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

	/** How many endpoints a message names: a broker may have a million. */
	private static final int MOST_NAMED = 10;

	/** The ids of those that each endpoint waits for. */
	private final Map<String, List<String>> waitFor;

	/** The member before it of each member of a group that has one. */
	private final Map<String, String> follows = new HashMap<>();

	/** Those from which no circle can be reached. */
	private final Set<String> fine = new HashSet<>();

	private ServingGates(Map<String, List<String>> waitFor, List<EndpointGroup> groups) {
		this.waitFor = waitFor;
		for (EndpointGroup group : groups) {
			group.forEachPair(waitFor::containsKey, this.follows::put);
		}
	}

	/**
	 * Checks all endpoints of a broker.
	 * @param waitFor the ids of those that each endpoint waits for
	 * @param groups the groups whose members also wait for those before them
	 * @throws IllegalArgumentException if one of them would wait for ever, or a group
	 * names an endpoint that is not registered
	 */
	static void check(Map<String, List<String>> waitFor, List<EndpointGroup> groups) {
		ServingGates gates = new ServingGates(waitFor, groups);
		groups.forEach(gates::requireAllKnown);
		waitFor.keySet().forEach(gates::requireAllKnown);
		waitFor.keySet().forEach(gates::requireNoCircle);
	}

	/**
	 * Checks all endpoints of a broker that continues another. They may wait for what was
	 * removed from the earlier one, as they did there: it may be added again.
	 * @param waitFor the ids of those that each endpoint waits for
	 * @param groups the groups whose members also wait for those before them
	 * @throws IllegalArgumentException if some of them wait for each other
	 */
	static void checkContinued(Map<String, List<String>> waitFor, List<EndpointGroup> groups) {
		ServingGates gates = new ServingGates(waitFor, groups);
		waitFor.keySet().forEach(gates::requireNoCircle);
	}

	/**
	 * Checks an endpoint that is added to a broker. Others may wait for what was removed.
	 * @param waitFor the ids of those that each endpoint waits for
	 * @param groups the groups whose members also wait for those before them
	 * @throws IllegalArgumentException if it would wait for ever
	 */
	static void checkAdded(String id, Map<String, List<String>> waitFor, List<EndpointGroup> groups) {
		ServingGates gates = new ServingGates(waitFor, groups);
		gates.requireAllKnown(id);
		gates.requireNoCircle(id);
	}

	private void requireAllKnown(EndpointGroup group) {
		for (String member : group.members()) {
			if (!this.waitFor.containsKey(member)) {
				throw new IllegalArgumentException("Invalid member '" + member + "' of group '" + group.name()
						+ "': it is not registered; " + allBut(member));
			}
		}
	}

	private void requireAllKnown(String id) {
		this.waitFor.getOrDefault(id, List.of()).forEach((other) -> requireKnown(id, other));
	}

	private void requireKnown(String id, String other) {
		if (!this.waitFor.containsKey(other)) {
			throw new IllegalArgumentException("Invalid gate of endpoint '" + id + "': it waits for endpoint '" + other
					+ "', which is not registered; " + allBut(id));
		}
	}

	/** An endpoint must not wait for itself, so its own id is no proposal. */
	private String allBut(String id) {
		int count = this.waitFor.size() - (this.waitFor.containsKey(id) ? 1 : 0);
		if (count == 0) {
			return "no other endpoint is registered";
		}
		String named = this.waitFor.keySet()
			.stream()
			.filter((each) -> !each.equals(id))
			.limit(MOST_NAMED)
			.map((each) -> "'" + each + "'")
			.collect(Collectors.joining(", "));
		return "registered are " + named + ((count > MOST_NAMED) ? " and " + (count - MOST_NAMED) + " more" : "");
	}

	/**
	 * Walks to all that can be reached, the deepest first. No recursion: a chain of
	 * endpoints may be longer than the stack is deep.
	 */
	private void requireNoCircle(String id) {
		Set<String> path = new LinkedHashSet<>();
		Deque<Step> steps = new ArrayDeque<>();
		enter(id, path, steps);
		while (!steps.isEmpty()) {
			Step last = steps.getLast();
			if (last.others.hasNext()) {
				enter(last.others.next(), path, steps);
			}
			else {
				steps.removeLast();
				path.remove(last.id);
				this.fine.add(last.id);
			}
		}
	}

	private void enter(String id, Set<String> path, Deque<Step> steps) {
		if (this.fine.contains(id)) {
			return;
		}
		if (!path.add(id)) {
			List<String> circle = new ArrayList<>(path);
			List<String> ends = new ArrayList<>(circle.subList(circle.indexOf(id), circle.size()));
			ends.add(id);
			boolean grouped = ends.stream().anyMatch(this.follows::containsKey);
			throw new IllegalArgumentException("Invalid gates of endpoints: they wait for each other, so that none ever"
					+ " starts" + (grouped ? " (a member of a group waits for the one before it)" : "") + ": "
					+ String.join(" -> ", ends));
		}
		steps.addLast(new Step(id, othersOf(id).iterator()));
	}

	private List<String> othersOf(String id) {
		List<String> others = this.waitFor.getOrDefault(id, List.of());
		String before = this.follows.get(id);
		if (before == null) {
			return others;
		}
		List<String> all = new ArrayList<>(others);
		all.add(before);
		return all;
	}

	/**
	 * An endpoint on the path.
	 *
	 * @param id its id
	 * @param others those that it waits for and that were not looked at yet
	 */
	private record Step(String id, Iterator<String> others) {
	}

}
