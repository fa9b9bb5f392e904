package dev.cider.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The latest crashes of one endpoint, up to a limit. A ring buffer: to add a crash writes
 * one slot and copies none of the others. One thread at a time adds a crash and never
 * waits for readers. A reader reads again if a crash was added in the meantime.
 */
final class CrashHistory {

	/** How often a reader tries to read all crashes at most. */
	private static final int ATTEMPTS = 10;

	private final int limit;

	/**
	 * One slot more than the limit, so that the writer fills a slot which no reader
	 * needs. Starts smaller and grows up to that size: most endpoints crash rarely.
	 */
	private volatile AtomicReferenceArray<CrashEntry> ring = new AtomicReferenceArray<>(1);

	/**
	 * How many crashes there were. Crash number n, from 0, is in slot n modulo the
	 * length. The writer writes it after the slot.
	 */
	private volatile long count;

	CrashHistory(int limit) {
		this.limit = limit;
	}

	/**
	 * Adds a crash. Must not be called by two threads at once.
	 */
	void add(CrashEntry crash) {
		long number = this.count;
		AtomicReferenceArray<CrashEntry> places = this.ring;
		if (number == places.length() && number <= this.limit) {
			places = grown(places);
			this.ring = places;
		}
		places.set((int) (number % places.length()), crash);
		this.count = number + 1;
	}

	/**
	 * While the ring has not wrapped, crash number n is in slot n of the old and of the
	 * new array.
	 */
	private AtomicReferenceArray<CrashEntry> grown(AtomicReferenceArray<CrashEntry> places) {
		int length = (int) Math.min(2L * places.length(), this.limit + 1L);
		AtomicReferenceArray<CrashEntry> more = new AtomicReferenceArray<>(length);
		for (int i = 0; i < places.length(); i++) {
			more.set(i, places.get(i));
		}
		return more;
	}

	/**
	 * The crashes in the history, as they were at one moment. If crashes come faster than
	 * they can be read, the oldest ones are missing.
	 */
	List<CrashEntry> newestFirst() {
		for (int attempt = 1;; attempt++) {
			long seen = this.count;
			AtomicReferenceArray<CrashEntry> places = this.ring;
			List<CrashEntry> newest = new ArrayList<>();
			for (long number = seen - 1; number >= oldest(seen); number--) {
				newest.add(places.get((int) (number % places.length())));
			}
			// Until the writer raises the count, it writes only the one slot that is not
			// read here.
			long now = this.count;
			if (now == seen || attempt == ATTEMPTS) {
				long intact = Math.max(0, seen - oldest(now));
				return List.copyOf(newest.subList(0, (int) Math.min(newest.size(), intact)));
			}
		}
	}

	/** The number of the oldest crash in the history after so many crashes. */
	private long oldest(long crashes) {
		return Math.max(0, crashes - this.limit);
	}

}
