package dev.cider.broker.spring;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Knows which stacks of listeners and monitors that throw are in the log: one per minute,
 * listener and class of exception. A broken listener throws at each event, and all its
 * stacks are alike. For use by several threads.
 */
final class ListenerThrows {

	/** Of more classes, one may have its stack logged again earlier. */
	private static final int CAPACITY = 100;

	private static final long MINUTE_NANOS = 60_000_000_000L;

	private final LongSupplier nanos;

	/** By the names of listener and class: a class would keep its class loader alive. */
	private final Map<String, Repeats> known = new HashMap<>();

	ListenerThrows(LongSupplier nanos) {
		this.nanos = nanos;
	}

	/**
	 * Counts what a listener threw.
	 * @param listener its name
	 * @return how often it threw an exception of this class since the log got the stack
	 * of one; 0 if the log is to get the stack of this one
	 */
	synchronized long count(String listener, Class<?> thrown) {
		String key = listener + ' ' + thrown.getName();
		long now = this.nanos.getAsLong();
		Repeats repeats = this.known.get(key);
		if (repeats != null && now - repeats.since < MINUTE_NANOS) {
			this.known.put(key, new Repeats(repeats.since, repeats.count + 1));
			return repeats.count + 1;
		}
		if (this.known.size() >= CAPACITY) {
			this.known.clear();
		}
		this.known.put(key, new Repeats(now, 0));
		return 0;
	}

	/**
	 * How often a listener threw an exception of a class, since the log got its stack.
	 */
	private record Repeats(long since, long count) {
	}

}
