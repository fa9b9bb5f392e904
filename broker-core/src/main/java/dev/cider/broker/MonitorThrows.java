package dev.cider.broker;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Knows which stacks of a monitor that throws are in the log: one per minute and class of
 * exception. A broken monitor throws at each notification, and all its stacks are alike.
 * Used by the thread of the monitor's mailbox only.
 */
final class MonitorThrows {

	/** Of more classes, one may have its stack logged again earlier. */
	private static final int CAPACITY = 100;

	private static final long MINUTE_NANOS = 60_000_000_000L;

	private final LongSupplier nanos;

	/** By the names of the classes: a class would keep its class loader alive. */
	private final Map<String, Repeats> known = new HashMap<>();

	MonitorThrows(LongSupplier nanos) {
		this.nanos = nanos;
	}

	/**
	 * Counts what the monitor threw.
	 * @return how often it threw an exception of this class since the log got the stack
	 * of one; 0 if the log is to get the stack of this one
	 */
	long count(Class<?> thrown) {
		long now = this.nanos.getAsLong();
		Repeats repeats = this.known.get(thrown.getName());
		if (repeats != null && now - repeats.since < MINUTE_NANOS) {
			repeats.count++;
			return repeats.count;
		}
		if (this.known.size() >= CAPACITY) {
			this.known.clear();
		}
		this.known.put(thrown.getName(), new Repeats(now));
		return 0;
	}

	/**
	 * How often an exception of a class was thrown.
	 */
	private static final class Repeats {

		private final long since;

		private long count;

		Repeats(long since) {
			this.since = since;
		}

	}

}
