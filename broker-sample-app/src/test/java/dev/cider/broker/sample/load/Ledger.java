package dev.cider.broker.sample.load;

import java.util.BitSet;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * What became of all requests and notifications. Every request is counted as sent, and
 * then exactly once as answered, failed, lost, or as one whose caller was gone.
 */
final class Ledger {

	private static final int MAX_FAULTS = 20;

	final LongAdder sent = new LongAdder();

	final LongAdder answered = new LongAdder();

	/** By code. */
	private final Map<Integer, LongAdder> failed = new ConcurrentSkipListMap<>();

	/** The caller's connection ended first, so it cannot know. */
	final LongAdder callerGone = new LongAdder();

	/** The caller's connection stayed up, and no answer came. */
	final LongAdder lost = new LongAdder();

	final LongAdder twice = new LongAdder();

	/** Answered with what is not the answer to it. */
	final LongAdder wrong = new LongAdder();

	final LongAdder batches = new LongAdder();

	private final AtomicInteger notesSent = new AtomicInteger();

	/** Which notifications have come to a provider; under its own lock. */
	private final BitSet notes = new BitSet();

	final LongAdder notesTwice = new LongAdder();

	final LongAdder connections = new LongAdder();

	/** Ended by the transport. */
	final LongAdder cut = new LongAdder();

	/** Ended by the client itself, without a goodbye. */
	final LongAdder vanished = new LongAdder();

	/** Ended by a transport that nobody had disturbed. */
	final LongAdder cutForNoReason = new LongAdder();

	final LongAdder providersThatDiedInACall = new LongAdder();

	final LongAdder answersTooMany = new LongAdder();

	/** Over ZeroMQ: whose first frame was never answered, and who tried again. */
	final LongAdder unheard = new LongAdder();

	/** The chaos itself could not go on. */
	final LongAdder chaosFailed = new LongAdder();

	private final Queue<String> faults = new ConcurrentLinkedQueue<>();

	void failed(int code) {
		this.failed.computeIfAbsent(code, (key) -> new LongAdder()).increment();
	}

	long failures(int code) {
		LongAdder failures = this.failed.get(code);
		return (failures != null) ? failures.sum() : 0;
	}

	long failures() {
		return this.failed.values().stream().mapToLong(LongAdder::sum).sum();
	}

	Map<Integer, LongAdder> failuresByCode() {
		return this.failed;
	}

	int nextNote() {
		return this.notesSent.getAndIncrement();
	}

	int notesSent() {
		return this.notesSent.get();
	}

	void noteCame(int note) {
		synchronized (this.notes) {
			if (this.notes.get(note)) {
				fault(this.notesTwice, "notification " + note + " came twice");
			}
			this.notes.set(note);
		}
	}

	int notesThatCame() {
		synchronized (this.notes) {
			return this.notes.cardinality();
		}
	}

	/**
	 * Counts what must never be, and remembers the first of it.
	 */
	void fault(LongAdder counter, String story) {
		counter.increment();
		if (this.faults.size() < MAX_FAULTS) {
			this.faults.add(story);
		}
	}

	Queue<String> faults() {
		return this.faults;
	}

	/**
	 * How many requests are in no column, or in two; 0 when all is over.
	 */
	long unaccounted() {
		return this.sent.sum() - this.answered.sum() - failures() - this.callerGone.sum() - this.lost.sum();
	}

}
