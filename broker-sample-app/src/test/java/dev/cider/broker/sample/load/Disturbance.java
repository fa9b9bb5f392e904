package dev.cider.broker.sample.load;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * When which transport was disturbed on purpose. The count of a transport is odd while it
 * is.
 */
final class Disturbance {

	private final Map<Carrier, AtomicLong> counts = new EnumMap<>(Carrier.class);

	Disturbance() {
		for (Carrier carrier : Carrier.values()) {
			this.counts.put(carrier, new AtomicLong());
		}
	}

	void begins(Carrier carrier) {
		this.counts.get(carrier).incrementAndGet();
	}

	void ends(Carrier carrier) {
		this.counts.get(carrier).incrementAndGet();
	}

	long count(Carrier carrier) {
		return this.counts.get(carrier).get();
	}

	/**
	 * Whether there was calm from a moment on until now.
	 * @param count what {@link #count} was then
	 */
	boolean calmSince(Carrier carrier, long count) {
		return count % 2 == 0 && count(carrier) == count;
	}

}
