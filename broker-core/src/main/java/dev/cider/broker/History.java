package dev.cider.broker;

import java.util.Arrays;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The latest crashes of one endpoint, as many as are to be remembered. A ring: in a row
 * of crashes each costs one store and not a copy of all the others.
 */
final class History {

	private final int limit;

	/** Grows up to the limit: most endpoints crash less often. */
	private @Nullable CrashSummary[] ring = new CrashSummary[0];

	/**
	 * How many there were; the latest is in the place before this one, modulo the size.
	 */
	private long count;

	History(int limit) {
		this.limit = limit;
	}

	synchronized void add(CrashSummary crash) {
		if (this.limit == 0) {
			return;
		}
		if (this.count == this.ring.length && this.count < this.limit) {
			this.ring = Arrays.copyOf(this.ring, (int) Math.min(2 * this.count + 1, this.limit));
		}
		this.ring[place(this.count++)] = crash;
	}

	/**
	 * What is remembered. Waits for nobody longer than it takes to add one.
	 */
	synchronized List<CrashSummary> newestFirst() {
		CrashSummary[] newest = new CrashSummary[(int) Math.min(this.count, this.ring.length)];
		Arrays.setAll(newest, (i) -> this.ring[place(this.count - 1 - i)]);
		return List.of(newest);
	}

	private int place(long number) {
		return (int) (number % this.ring.length);
	}

}
