package dev.cider.broker.sample.web;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.spring.EndpointStateEvent;

import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Keeps the changes of the last minutes, so that a page that is loaded now can draw them.
 * Keeps a bounded number per endpoint: if it crashes all the time, only the latest.
 */
@Component
class Timeline {

	static final Duration WINDOW = Duration.ofMinutes(10);

	static final int MAX_PER_ENDPOINT = 120;

	private final String run = UUID.randomUUID().toString();

	private final Map<String, Deque<Change>> changes = new LinkedHashMap<>();

	private long last;

	@EventListener
	void changed(EndpointStateEvent event) {
		record(event.getBefore(), event.getAfter());
	}

	synchronized void record(EndpointSnapshot before, EndpointSnapshot after) {
		boolean crash = after.crashes() > before.crashes();
		if (after.state() == before.state() && after.incarnation() == before.incarnation() && !crash) {
			return;
		}
		Deque<Change> line = this.changes.computeIfAbsent(after.id(), (id) -> new ArrayDeque<>());
		Change change = new Change(++this.last, after.since().toEpochMilli(), after.state(), after.incarnation(),
				crash);
		line.addLast(change);
		// The last change before the window tells the state in which the window begins
		while (line.size() > MAX_PER_ENDPOINT || secondAt(line) < change.at() - WINDOW.toMillis()) {
			line.removeFirst();
		}
	}

	/**
	 * The changes after a given one.
	 * @param number the number of the last change that the page has, 0 for none
	 * @return all newer changes that are kept
	 */
	synchronized View after(long number) {
		Map<String, List<Change>> newer = new LinkedHashMap<>();
		this.changes.forEach((id, line) -> {
			LinkedList<Change> found = new LinkedList<>();
			Iterator<Change> latestFirst = line.descendingIterator();
			while (latestFirst.hasNext()) {
				Change change = latestFirst.next();
				if (change.number() <= number) {
					break;
				}
				found.addFirst(change);
			}
			if (!found.isEmpty()) {
				newer.put(id, found);
			}
		});
		return new View(this.run, System.currentTimeMillis(), WINDOW.toMillis(), this.last, newer);
	}

	private static long secondAt(Deque<Change> line) {
		Iterator<Change> oldestFirst = line.iterator();
		oldestFirst.next();
		return oldestFirst.hasNext() ? oldestFirst.next().at() : Long.MAX_VALUE;
	}

	/**
	 * Some changes, and what the page needs to draw them.
	 *
	 * @param run the id of this run of the server; after a restart of the server it is
	 * another one, and numbers begin at 1 again
	 * @param now the server's time, in milliseconds since 1970
	 * @param window how far back a timeline goes, in milliseconds
	 * @param last the number of the latest change
	 * @param changes by endpoint, oldest first
	 */
	record View(String run, long now, long window, long last, Map<String, List<Change>> changes) {
	}

}
