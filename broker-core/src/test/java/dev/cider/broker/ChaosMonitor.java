package dev.cider.broker;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;

/**
 * A monitor that checks what it is told, and is slow, throws, hangs and talks back.
 */
final class ChaosMonitor implements BrokerMonitor {

	private final ChaosBroker broker;

	private final ChaosLife life;

	private final ChaosRecord chaos;

	private final ChaosDice dice;

	/** Whether what it is told goes into the story and is counted. */
	private final boolean records;

	private final AtomicBoolean called = new AtomicBoolean();

	private final Map<String, EndpointSnapshot> last = new HashMap<>();

	private final Map<String, Crashes> crashes = new HashMap<>();

	private @Nullable Thread thread;

	/** Written last: a thread that reads it sees all other fields. */
	private volatile @Nullable Termination termination;

	ChaosMonitor(ChaosBroker broker, ChaosDice dice, boolean records) {
		this.broker = broker;
		this.life = broker.life();
		this.chaos = this.life.chaos();
		this.dice = dice;
		this.records = records;
	}

	@Override
	public void crashed(EndpointCrashReport report) {
		enter(report);
		Crashes all = this.crashes.computeIfAbsent(report.factoryId(), (unused) -> new Crashes());
		this.chaos.claim(report.incarnation() > all.incarnation, "G6: one report per incarnation, in order");
		all.incarnation = report.incarnation();
		all.count++;
		all.drops += report.dropped() ? 1 : 0;
		all.lastDropped = report.dropped();
		long shown = this.broker.broker().endpoint(report.factoryId()).crashes();
		this.chaos.claim(shown >= all.count, "G13: snapshots change before monitors are told");
		ChaosFactory factory = this.broker.factory(report.factoryId());
		this.chaos.claim(!factory.books().excuses(report.incarnation(), report.phase()),
				"G5: what fails after the announcement is no crash", report);
		this.chaos.claim(
				report.served().isZero() || !factory.awaitsReady()
						|| factory.books().hasSaidReady(report.incarnation()),
				"G16: a run counts from ready() on", report);
		if (report.phase() == CrashPhase.SERVE) {
			this.chaos.claim(factory.mayThrow(report.incarnation(), report.error()),
					"G6: the report has the error that was thrown", report);
		}
		else if (report.phase() != CrashPhase.CREATE) {
			this.chaos.claim(report.error() instanceof TimeoutException, "G5: a timeout");
			this.life.leftovers().watch(report.error());
		}
		if (this.records) {
			this.chaos.count("crash " + report.phase());
			this.chaos.count(report.dropped() ? "drop" : "crash, no drop");
			if (report.error() instanceof EndpointDroppedException) {
				this.chaos.count("drop inside ended a group");
			}
		}
		leave();
	}

	@Override
	public void changed(EndpointChange change) {
		enter(change);
		EndpointSnapshot to = change.to();
		EndpointSnapshot before = this.last.put(to.id(), to);
		EndpointSnapshot from = change.from();
		this.chaos.claim(
				(before == null) ? from.state() == EndpointState.REGISTERED
						: from.state() == before.state() && from.incarnation() == before.incarnation()
								&& from.abandoned() == before.abandoned(),
				"G13: no change is left out", before, change);
		Crashes all = this.crashes.getOrDefault(to.id(), new Crashes());
		this.chaos.claim((to.crashes() == all.count && to.drops() == all.drops) || this.broker.broker().lost(this) > 0,
				"G13: a crash is told before the change that follows");
		if (this.records && to.abandoned() > from.abandoned()) {
			this.chaos.count("abandoned");
		}
		checkReady(from, to);
		leave();
	}

	private void checkReady(EndpointSnapshot from, EndpointSnapshot to) {
		ChaosFactory factory = this.broker.factory(to.id());
		if (factory.awaitsReady()) {
			boolean serves = to.state() == EndpointState.SERVING;
			this.chaos.claim(!serves || factory.books().hasSaidReady(to.incarnation()),
					"G18: serves only when it says so", to);
			if (factory.options().explicitReady() && from.state() == EndpointState.STARTING) {
				this.chaos.count(serves ? "ready" : "closed before it was ready");
			}
		}
	}

	@Override
	public void terminated(Termination termination) {
		enter(termination);
		this.called.set(false);
		this.termination = termination;
	}

	private void enter(Object event) {
		this.chaos.claim(this.called.compareAndSet(false, true), "G13: never two calls at once");
		this.chaos.claim(this.termination == null, "G11: terminated is told last, and once");
		Thread current = Thread.currentThread();
		this.chaos.claim(this.thread == null || this.thread == current, "G13: one thread per monitor");
		this.thread = current;
		if (this.records) {
			this.chaos.saw(event);
		}
	}

	private void leave() {
		int what = this.dice.upTo(199);
		if (what == 0) {
			this.chaos.count("monitor hung");
			this.life.mischief().hangDeaf();
		}
		else if (what < 12) {
			this.life.mischief().dawdle(this.dice);
		}
		else if (what < 30) {
			this.broker.operator().operate(this.dice);
		}
		this.called.set(false);
		if (what >= 30 && what < 50) {
			this.chaos.count("monitor threw");
			this.life.mischief().fail(this.dice);
		}
	}

	@Nullable Termination termination() {
		return this.termination;
	}

	/**
	 * After the end: what it was told is what the snapshots count. Drop reports may have
	 * made room for newer ones.
	 */
	void checkTheEnd(List<EndpointSnapshot> shown) {
		long lost = this.broker.broker().lost(this);
		long told = this.crashes.values().stream().mapToLong((all) -> all.count).sum();
		long crashes = shown.stream().mapToLong(EndpointSnapshot::crashes).sum();
		this.chaos.claim(told + lost == crashes, "G6: reports, lost, crashes", told, lost, crashes);
		shown.forEach(this::checkTheEnd);
		if (lost > 0) {
			this.chaos.count("drop report displaced");
		}
	}

	private void checkTheEnd(EndpointSnapshot shown) {
		Crashes all = this.crashes.getOrDefault(shown.id(), new Crashes());
		this.chaos.claim(shown.crashes() - all.count == shown.drops() - all.drops,
				"G13: only reports of a drop may be lost", shown);
		this.chaos.claim(shown.state() != EndpointState.DROPPED || all.lastDropped,
				"G6: the last report before giving up says so");
		EndpointSnapshot last = this.last.get(shown.id());
		this.chaos.claim(last == null || last.state() == shown.state(),
				"G13: the last change leads to the last snapshot", last, shown);
	}

	private static final class Crashes {

		private long incarnation;

		private long count;

		private long drops;

		private boolean lastDropped;

	}

}
