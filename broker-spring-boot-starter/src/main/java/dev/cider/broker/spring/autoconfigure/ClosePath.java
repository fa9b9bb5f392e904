package dev.cider.broker.spring.autoconfigure;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.cider.broker.EndpointGroup;
import dev.cider.broker.EndpointOptions;
import org.jspecify.annotations.Nullable;

/**
 * Endpoints that are closed one after the other, since each depends on the next or
 * follows it in a group.
 *
 * @param ids their ids, in the order in which they are closed
 * @param duration how long that takes if each has to be abandoned
 */
record ClosePath(List<String> ids, Duration duration) {

	/** What an endpoint gets after its close timeout, at most. */
	private static final Duration GRACE = Duration.ofSeconds(1);

	/** A sum of longer times would be no duration any more. */
	private static final Duration LONGEST = Duration.ofDays(36_500);

	/** How many endpoints a message names from each end: a path may be long. */
	private static final int MOST_NAMED = 5;

	/**
	 * The path that takes longest.
	 * @param options the options of all endpoints
	 * @param groups whose members are closed one after another, the last first
	 * @return {@code null} if none is closed after another one
	 */
	static @Nullable ClosePath longest(Map<String, EndpointOptions> options, List<EndpointGroup> groups) {
		Map<String, List<String>> needs = needs(options, groups);
		Map<String, Integer> dependents = new HashMap<>();
		needs.values().forEach((each) -> each.forEach((id) -> dependents.merge(id, 1, Integer::sum)));
		if (dependents.isEmpty()) {
			return null;
		}
		Map<String, Duration> ends = new HashMap<>();
		Map<String, String> before = new HashMap<>();
		Deque<String> next = new ArrayDeque<>();
		options.keySet().stream().filter((id) -> !dependents.containsKey(id)).forEach(next::add);
		String last = null;
		while (!next.isEmpty()) {
			String id = next.remove();
			EndpointOptions own = Objects.requireNonNull(options.get(id), id);
			Duration end = ends.getOrDefault(id, Duration.ZERO).plus(closeTime(own));
			ends.put(id, end);
			if (before.containsKey(id) && (last == null || end.compareTo(ends.get(last)) > 0)) {
				last = id;
			}
			for (String needed : needs.getOrDefault(id, List.of())) {
				if (ends.getOrDefault(needed, Duration.ZERO).compareTo(end) < 0) {
					ends.put(needed, end);
					before.put(needed, id);
				}
				if (dependents.merge(needed, -1, Integer::sum) == 0 && options.containsKey(needed)) {
					next.add(needed);
				}
			}
		}
		return (last != null) ? new ClosePath(path(last, before), Objects.requireNonNull(ends.get(last))) : null;
	}

	private static Map<String, List<String>> needs(Map<String, EndpointOptions> options, List<EndpointGroup> groups) {
		Map<String, List<String>> needs = new HashMap<>();
		options.forEach((id, own) -> needs.put(id, new ArrayList<>(own.dependsOn())));
		for (EndpointGroup group : groups) {
			List<String> members = group.members().stream().filter(needs::containsKey).toList();
			for (int i = 1; i < members.size(); i++) {
				needs.computeIfAbsent(members.get(i), (none) -> new ArrayList<>()).add(members.get(i - 1));
			}
		}
		return needs;
	}

	private static Duration closeTime(EndpointOptions options) {
		Duration timeout = shorter(options.closeTimeout(), LONGEST);
		return timeout.plus(shorter(timeout, GRACE));
	}

	private static Duration shorter(Duration one, Duration other) {
		return (one.compareTo(other) < 0) ? one : other;
	}

	private static List<String> path(String last, Map<String, String> before) {
		Deque<String> path = new ArrayDeque<>();
		for (String id = last; id != null; id = before.get(id)) {
			path.addFirst(id);
		}
		return List.copyOf(path);
	}

	/** The id of the one that is closed last. */
	String last() {
		return this.ids.get(this.ids.size() - 1);
	}

	String inWords() {
		int left = this.ids.size() - 2 * MOST_NAMED;
		if (left <= 0) {
			return String.join(", ", this.ids);
		}
		List<String> named = new ArrayList<>(this.ids.subList(0, MOST_NAMED));
		named.add(left + " more");
		named.addAll(this.ids.subList(this.ids.size() - MOST_NAMED, this.ids.size()));
		return String.join(", ", named);
	}

}
