package dev.cider.broker.spring.autoconfigure;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * Finds endpoints that wait for each other, so that none of them would ever start. No
 * recursion: a chain of endpoints may be longer than the stack is deep.
 */
final class WaitForCircle {

	private final Map<String, List<WaitFor>> waitFor;

	/** Those from which no circle can be reached. */
	private final Set<String> fine = new HashSet<>();

	/** The ids from where the walk began to where it is. */
	private final Set<String> path = new LinkedHashSet<>();

	/** The same endpoints, with what was not looked at yet. */
	private final Deque<Step> steps = new ArrayDeque<>();

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
			List<String> circle = search.from(id);
			if (circle != null) {
				return circle;
			}
		}
		return null;
	}

	private @Nullable List<String> from(String first) {
		enter(first);
		while (!this.steps.isEmpty()) {
			Step last = this.steps.getLast();
			if (!last.others.hasNext()) {
				this.steps.removeLast();
				this.path.remove(last.id);
				this.fine.add(last.id);
				continue;
			}
			WaitFor next = last.others.next();
			if (next.isEndpoint() && this.path.contains(next.name())) {
				return circle(next.name());
			}
			if (next.isEndpoint()) {
				enter(next.name());
			}
		}
		return null;
	}

	private void enter(String id) {
		if (!this.fine.contains(id)) {
			this.path.add(id);
			this.steps.addLast(new Step(id, this.waitFor.getOrDefault(id, List.of()).iterator()));
		}
	}

	private List<String> circle(String id) {
		List<String> walked = new ArrayList<>(this.path);
		List<String> circle = new ArrayList<>(walked.subList(walked.indexOf(id), walked.size()));
		circle.add(id);
		return circle;
	}

	/**
	 * An endpoint on the path.
	 *
	 * @param id its id
	 * @param others what it waits for and was not looked at yet
	 */
	private record Step(String id, Iterator<WaitFor> others) {
	}

}
