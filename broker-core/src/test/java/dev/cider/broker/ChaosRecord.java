package dev.cider.broker;

import java.util.Arrays;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.jspecify.annotations.Nullable;

/**
 * What happened in one life: all that was told and done, the promises that were broken,
 * and how often what occurred.
 */
final class ChaosRecord {

	private final Queue<Object> story = new ConcurrentLinkedQueue<>();

	private final Queue<String> broken = new ConcurrentLinkedQueue<>();

	private final Set<Thread> servers = ConcurrentHashMap.newKeySet();

	private final Tally tally;

	ChaosRecord(Tally tally) {
		this.tally = tally;
	}

	/**
	 * Says what must hold.
	 * @param promise what is promised; the details are put into words only if it is
	 * broken
	 */
	void claim(boolean holds, String promise, @Nullable Object... details) {
		if (!holds) {
			String words = promise + ((details.length > 0) ? ": " + Arrays.toString(details) : "");
			this.broken.add(words);
			this.story.add("BROKEN: " + words);
		}
	}

	void saw(Object event) {
		this.story.add(event);
	}

	void count(String kind) {
		this.tally.count(kind);
	}

	/** The threads that have served an instance in this life. */
	Set<Thread> servers() {
		return this.servers;
	}

	Queue<String> broken() {
		return this.broken;
	}

	String story() {
		StringBuilder lines = new StringBuilder();
		this.story.forEach((event) -> lines.append(text(event)).append('\n'));
		return lines.toString();
	}

	/** The errors of these lives are such that some cannot be printed. */
	private static String text(Object event) {
		try {
			return event.toString();
		}
		catch (RuntimeException unreadable) {
			return event.getClass().getSimpleName() + " that cannot be read: " + unreadable.getClass().getName();
		}
	}

}
