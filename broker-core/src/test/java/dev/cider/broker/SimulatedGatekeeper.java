package dev.cider.broker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Answers what a simulated endpoint asks: at once, late, or very late; often only after
 * it has barred the endpoint a few times. Answers earlier questions too, and evicts
 * incarnations now and then, some of which are not the latest any more.
 */
final class SimulatedGatekeeper {

	private static final long FAR_TOO_LATE = 60_000_000_000L;

	private final SimulationTime time;

	private final SimulationChance chance;

	/** Of a hundred incarnations, how many it evicts. */
	private final int evicts;

	private final Consumer<Signal> endpoint;

	private final Map<Long, List<SimulationTime.Event>> answers = new HashMap<>();

	private int reasons;

	SimulatedGatekeeper(SimulationTime time, SimulationChance chance, boolean gated, Consumer<Signal> endpoint) {
		this.time = time;
		this.chance = chance;
		this.evicts = !gated ? 5 : chance.percent(30) ? 70 : 20;
		this.endpoint = endpoint;
	}

	void asked(Action.Ask ask) {
		long question = ask.question();
		List<SimulationTime.Event> answers = new ArrayList<>();
		long when = this.chance.percent(60) ? 0 : this.chance.nanosWithin(300);
		for (int bars = this.chance.percent(40) ? 0 : this.chance.between(1, 3); bars > 0; bars--) {
			answers.add(answer(when, bar(question)));
			when += this.chance.nanosWithin(200);
		}
		when += this.chance.percent(10) ? FAR_TOO_LATE : 0;
		answers.add(answer(when, new Signal.Admit(question)));
		if (this.chance.percent(15)) {
			// Once is enough.
			answer(when + this.chance.nanosWithin(1000), new Signal.Admit(question));
			answer(when + this.chance.nanosWithin(1000), bar(question));
		}
		if (question > 1 && this.chance.percent(20)) {
			answer(this.chance.nanosWithin(100),
					this.chance.percent(50) ? bar(question - 1) : new Signal.Admit(question - 1));
		}
		this.answers.put(question, answers);
	}

	/** The gatekeeper may have answered by then. */
	void withdrawn(Action.Withdraw withdrawal) {
		List<SimulationTime.Event> answers = this.answers.remove(withdrawal.question());
		if (answers != null && this.chance.percent(50)) {
			answers.forEach(SimulationTime.Event::cancel);
		}
	}

	/** Whom the gatekeeper let in may have to leave; and so may others, now and then. */
	void launched(long incarnation) {
		if (this.chance.percent(this.evicts)) {
			answer(this.chance.nanosWithin(this.chance.percent(70) ? 100 : 2500), new Signal.Evict(incarnation));
		}
		if (this.chance.percent(5)) {
			answer(this.chance.nanosWithin(500), new Signal.Evict(incarnation - 1));
		}
	}

	private Signal bar(long question) {
		return new Signal.Bar(question, "reason " + ++this.reasons, this.chance.percent(60));
	}

	private SimulationTime.Event answer(long delay, Signal signal) {
		return this.time.after(delay, () -> this.endpoint.accept(signal));
	}

}
