package dev.cider.broker.sample.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What came out of one run.
 */
final class LoadReport {

	static final Set<String> BUILT_IN = Set.of("echo", "time", "rpc.cancel", "rpc.methods", "rpc.register",
			"rpc.unregister", "sample.crash");

	/** Each of these must be seen, or the run proves too little. */
	static final List<Integer> CODES = List.of(-32601, -32000, -32002, -32003, -32004, -32005, Asked.PROVIDERS_OWN);

	private static final Map<Integer, String> WORDS = Map.of(-32601, "nobody provides it", -32000,
			"the provider was gone", -32002, "the provider's reply made no sense", -32003, "cancelled", -32004,
			"out of time", -32005, "too many pending calls", Asked.PROVIDERS_OWN, "the provider's own error");

	private final long seed;

	private final Ledger ledger = new Ledger();

	private final List<Chaos> chaos = new ArrayList<>();

	private Duration duration = Duration.ZERO;

	private long pendingCallsLeft = -1;

	private SortedSet<String> methodsLeft = new TreeSet<>();

	private Footprint before;

	private Footprint after;

	LoadReport(long seed) {
		this.seed = seed;
	}

	Ledger ledger() {
		return this.ledger;
	}

	List<Chaos> chaos() {
		return this.chaos;
	}

	void lasted(Duration duration) {
		this.duration = duration;
	}

	void left(long pendingCalls, SortedSet<String> methods) {
		this.pendingCallsLeft = pendingCalls;
		this.methodsLeft = new TreeSet<>(methods);
		this.methodsLeft.removeAll(BUILT_IN);
	}

	void footprints(Footprint before, Footprint after) {
		this.before = before;
		this.after = after;
	}

	long pendingCallsLeft() {
		return this.pendingCallsLeft;
	}

	SortedSet<String> methodsLeft() {
		return this.methodsLeft;
	}

	/**
	 * What should have happened at least once, and did not.
	 */
	List<String> unseen() {
		List<String> unseen = new ArrayList<>();
		CODES.forEach((code) -> addUnseen(unseen, WORDS.get(code), this.ledger.failures(code)));
		addUnseen(unseen, "answered", this.ledger.answered.sum());
		addUnseen(unseen, "caller gone", this.ledger.callerGone.sum());
		addUnseen(unseen, "notification delivered", this.ledger.notesThatCame());
		addUnseen(unseen, "connection cut", this.ledger.cut.sum());
		addUnseen(unseen, "connection left", this.ledger.vanished.sum());
		addUnseen(unseen, "provider died in a call", this.ledger.providersThatDiedInACall.sum());
		addUnseen(unseen, "answer that nobody waited for", this.ledger.answersTooMany.sum());
		this.chaos.forEach((each) -> addUnseen(unseen, "chaos on " + each.carrier(), each.deeds().size()));
		return unseen;
	}

	private static void addUnseen(List<String> unseen, String what, long times) {
		if (times == 0) {
			unseen.add(what);
		}
	}

	@Override
	public String toString() {
		StringBuilder text = new StringBuilder();
		long sent = this.ledger.sent.sum();
		line(text, "seed", this.seed);
		line(text, "seconds", this.duration.toSeconds());
		line(text, "requests sent", sent + " (" + sent / Math.max(1, this.duration.toSeconds()) + " a second)");
		line(text, "  answered", this.ledger.answered);
		line(text, "  failed with an error", this.ledger.failures());
		this.ledger.failuresByCode()
			.forEach((code, count) -> line(text, "    " + code + " " + WORDS.getOrDefault(code, "?"), count));
		line(text, "  caller gone", this.ledger.callerGone);
		line(text, "  lost", this.ledger.lost);
		line(text, "  unaccounted", this.ledger.unaccounted());
		line(text, "answered twice", this.ledger.twice);
		line(text, "answered wrongly", this.ledger.wrong);
		line(text, "in batches", this.ledger.batches);
		line(text, "notifications sent", this.ledger.notesSent());
		line(text, "  delivered", this.ledger.notesThatCame());
		line(text, "  delivered twice", this.ledger.notesTwice);
		line(text, "connections", this.ledger.connections);
		line(text, "  cut by a transport", this.ledger.cut);
		line(text, "  left by the client", this.ledger.vanished);
		line(text, "  cut for no reason", this.ledger.cutForNoReason);
		line(text, "  never got through (ZeroMQ)", this.ledger.unheard);
		line(text, "providers died in a call", this.ledger.providersThatDiedInACall);
		line(text, "answers nobody waited for", this.ledger.answersTooMany);
		for (Chaos each : this.chaos) {
			line(text, each.carrier().id(), each.deeds());
		}
		line(text, "left in the exchange", this.pendingCallsLeft + " pending calls, methods " + this.methodsLeft);
		line(text, "at the start", this.before);
		line(text, "at the end", this.after);
		if (this.before != null && this.after != null) {
			line(text, "threads that differ", threadsThatDiffer());
		}
		this.ledger.faults().forEach((fault) -> line(text, "FAULT", fault));
		return text.toString();
	}

	private Map<String, Long> threadsThatDiffer() {
		Map<String, Long> differences = new TreeMap<>(this.after.threads());
		this.before.threads().forEach((name, count) -> differences.merge(name, -count, Long::sum));
		differences.values().removeIf((difference) -> difference == 0);
		return differences;
	}

	private static void line(StringBuilder text, String name, Object value) {
		text.append(String.format("%-42s %s%n", name, value));
	}

}
