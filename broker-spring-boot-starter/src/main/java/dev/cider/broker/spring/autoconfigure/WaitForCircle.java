package dev.cider.broker.spring.autoconfigure;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Finds endpoints that wait for each other, so that none of them would ever start.
 */
final class WaitForCircle {

	private final Map<String, List<WaitFor>> waitFor;

	/** Those from which no circle can be reached. */
	private final Set<String> fine = new LinkedHashSet<>();

	private WaitForCircle(Map<String, List<WaitFor>> waitFor) {
		this.waitFor = waitFor;
	}

	/**
	 * The ids of a circle, the first one again at the end.
	 * @return {@code null} if there is none
	 */
	static @Nullable List<String> find(Map<String, List<WaitFor>> waitFor) {
		WaitForCircle search = new WaitForCircle(waitFor);
		for (String id : waitFor.keySet()) {
			List<String> circle = search.from(id, new LinkedHashSet<>());
			if (circle != null) {
				return circle;
			}
		}
		return null;
	}

	private @Nullable List<String> from(String id, Set<String> path) {
		if (this.fine.contains(id)) {
			return null;
		}
		if (!path.add(id)) {
			List<String> walked = new ArrayList<>(path);
			List<String> circle = new ArrayList<>(walked.subList(walked.indexOf(id), walked.size()));
			circle.add(id);
			return circle;
		}
		for (WaitFor each : this.waitFor.getOrDefault(id, List.of())) {
			List<String> circle = each.isEndpoint() ? from(each.name(), path) : null;
			if (circle != null) {
				return circle;
			}
		}
		path.remove(id);
		this.fine.add(id);
		return null;
	}

}
