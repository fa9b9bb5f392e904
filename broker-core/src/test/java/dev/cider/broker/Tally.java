package dev.cider.broker;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * How often what occurred, over many lives.
 */
final class Tally {

	private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

	void count(String kind) {
		this.counts.computeIfAbsent(kind, (unused) -> new LongAdder()).increment();
	}

	long of(String kind) {
		LongAdder count = this.counts.get(kind);
		return (count != null) ? count.sum() : 0;
	}

	@Override
	public String toString() {
		return new ConcurrentSkipListMap<>(this.counts).toString();
	}

}
