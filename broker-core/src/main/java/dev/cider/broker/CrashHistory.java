package dev.cider.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The latest crashes of one endpoint, as many as are to be remembered. A ring: in a row
 * of crashes each costs one store and not a copy of all the others. One thread adds at a
 * time and never waits for those who read; they look again if it added meanwhile.
 */
final class CrashHistory {

	/** How often whoever reads tries to see all. */
	private static final int ATTEMPTS = 10;

	private final int limit;

	/**
	 * One place more than is remembered, for the crash that is just being added. Grows up
	 * to that: most endpoints crash less often.
	 */
	private volatile AtomicReferenceArray<CrashSummary> ring = new AtomicReferenceArray<>(1);

	/**
	 * How many there were. Crash number n, from 0, is in place n modulo the size. Written
	 * last, by one thread at a time.
	 */
	private volatile long count;

	CrashHistory(int limit) {
		this.limit = limit;
	}

	/**
	 * Adds a crash. Not by two threads at once.
	 */
	void add(CrashSummary crash) {
		long number = this.count;
		AtomicReferenceArray<CrashSummary> places = this.ring;
		if (number == places.length() && number <= this.limit) {
			places = grown(places);
			this.ring = places;
		}
		places.set((int) (number % places.length()), crash);
		this.count = number + 1;
	}

	/** Before the first round is full, crash number n is in place n of either ring. */
	private AtomicReferenceArray<CrashSummary> grown(AtomicReferenceArray<CrashSummary> places) {
		int length = (int) Math.min(2L * places.length(), this.limit + 1L);
		AtomicReferenceArray<CrashSummary> more = new AtomicReferenceArray<>(length);
		for (int i = 0; i < places.length(); i++) {
			more.set(i, places.get(i));
		}
		return more;
	}

	/**
	 * What is remembered, as it was at one moment. If crashes come faster than they can
	 * be read, the oldest ones are missing.
	 */
	List<CrashSummary> newestFirst() {
		for (int attempt = 1;; attempt++) {
			long seen = this.count;
			AtomicReferenceArray<CrashSummary> places = this.ring;
			List<CrashSummary> newest = new ArrayList<>();
			for (long number = seen - 1; number >= oldest(seen); number--) {
				newest.add(places.get((int) (number % places.length())));
			}
			// Until it counts the next one, whoever adds touches but the place that is
			// not read here.
			long now = this.count;
			if (now == seen || attempt == ATTEMPTS) {
				long intact = Math.max(0, seen - oldest(now));
				return List.copyOf(newest.subList(0, (int) Math.min(newest.size(), intact)));
			}
		}
	}

	/** The number of the oldest crash that is remembered of so many. */
	private long oldest(long crashes) {
		return Math.max(0, crashes - this.limit);
	}

}
