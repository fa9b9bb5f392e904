package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartPolicy;

/**
 * A machine that is told one signal after another, at times that the test says, and that
 * remembers the actions of its last step.
 */
final class PlayedMachine {

	/** The middle of the jitter's span, if there is one. */
	private static final double ROLL = 0.5;

	private EndpointMachine machine;

	private EndpointMachine before;

	private List<Action> actions = List.of();

	private final List<Action.Ask> open = new ArrayList<>();

	private Duration now = Duration.ZERO;

	PlayedMachine(EndpointMachine machine) {
		this.machine = machine;
	}

	static PlayedMachine plain(EndpointOptions.Builder options) {
		return new PlayedMachine(
				EndpointMachine.registered("tcp", options.build(), false, false, moment(Duration.ZERO)));
	}

	static PlayedMachine contextual(EndpointOptions.Builder options) {
		return new PlayedMachine(EndpointMachine.registered("tcp", options.build(), true, moment(Duration.ZERO)));
	}

	/** Each launch of it must be admitted. */
	static PlayedMachine gated(EndpointOptions.Builder options) {
		return new PlayedMachine(
				EndpointMachine.registered("tcp", options.build(), false, true, moment(Duration.ZERO)));
	}

	/** What a new broker makes of it. */
	PlayedMachine continued(EndpointOptions.Builder options) {
		PlayedMachine next = new PlayedMachine(EndpointMachine.continuing(this.machine, options.build(), false,
				this.machine.isGated(), moment(this.now)));
		next.now = this.now;
		return next;
	}

	static RestartPolicy.Builder policy(Duration delay) {
		return RestartPolicy.builder().backoff(Backoff.builder().delay(delay).jitter(Duration.ZERO).build());
	}

	private static Moment moment(Duration sinceTheBeginning) {
		return Moment.of(sinceTheBeginning.toNanos(), at(sinceTheBeginning));
	}

	static Instant at(Duration sinceTheBeginning) {
		return Instant.EPOCH.plus(sinceTheBeginning);
	}

	PlayedMachine pass(Duration duration) {
		this.now = this.now.plus(duration);
		return this;
	}

	PlayedMachine tell(Signal signal) {
		Step step = this.machine.on(signal, moment(this.now));
		this.before = this.machine;
		this.machine = step.machine();
		this.actions = step.actions();
		if (signal instanceof Signal.Admit admission) {
			this.open.removeIf((ask) -> ask.question() == admission.question());
		}
		for (Action action : this.actions) {
			if (action instanceof Action.Ask ask) {
				this.open.add(ask);
			}
			else if (action instanceof Action.Withdraw withdrawal) {
				this.open.removeIf((ask) -> ask.question() == withdrawal.question());
			}
		}
		return this;
	}

	/** Tells of the latest timer, for an incarnation that never gave a sign of life. */
	PlayedMachine fire() {
		return fireLate(Duration.ZERO);
	}

	/** Tells of the latest timer, which fires so much later than it was due. */
	PlayedMachine fireLate(Duration late) {
		return tell(new Signal.TimerFired(this.machine.timer, late.toNanos(), false, 0));
	}

	/** Tells of the latest timer, for an incarnation that gave a sign of life then. */
	PlayedMachine fireHaving(Duration heartbeat) {
		return tell(new Signal.TimerFired(this.machine.timer, 0, true, heartbeat.toNanos()));
	}

	PlayedMachine begin() {
		return tell(new Signal.Begin());
	}

	PlayedMachine created(long incarnation) {
		return tell(new Signal.Created(incarnation));
	}

	PlayedMachine createFailed(long incarnation) {
		return tell(new Signal.CreateFailed(incarnation, failure(), this.now.toNanos(), ROLL));
	}

	PlayedMachine threw(long incarnation) {
		return tell(new Signal.Threw(incarnation, failure(), this.now.toNanos(), ROLL));
	}

	PlayedMachine returned(long incarnation) {
		return tell(new Signal.Returned(incarnation, ROLL));
	}

	PlayedMachine closed(long incarnation) {
		return tell(new Signal.Closed(incarnation));
	}

	PlayedMachine timedOut() {
		return tell(new Signal.TimedOut(this.machine.timer, failure(), this.now.toNanos(), false, 0, ROLL));
	}

	/** It was looked at, and gave a sign of life meanwhile. */
	PlayedMachine timedOutHaving(Duration heartbeat) {
		return tell(new Signal.TimedOut(this.machine.timer, failure(), this.now.toNanos(), true, heartbeat.toNanos(),
				ROLL));
	}

	/** The latest question is answered. */
	PlayedMachine admit() {
		return tell(new Signal.Admit(this.machine.question));
	}

	/** The latest question is answered. */
	PlayedMachine bar(String why, boolean explains) {
		return tell(new Signal.Bar(this.machine.question, why, explains));
	}

	static Failure failure() {
		return new Failure(new IllegalStateException("boom"), "boom", null, false, Fingerprint.of(List.of()));
	}

	EndpointMachine machine() {
		return this.machine;
	}

	EndpointSnapshot shown() {
		return this.machine.shown();
	}

	/** The questions that were neither withdrawn nor answered with an admission. */
	List<Action.Ask> open() {
		return this.open;
	}

	/** What the last signal led to. */
	List<Action> actions() {
		return this.actions;
	}

	/** What the last signal led to, but for the telling. */
	List<Action> done() {
		return this.actions.stream()
			.filter((action) -> !(action instanceof Action.TellChange || action instanceof Action.TellCrash))
			.toList();
	}

	/** What the monitors were told of after the last signal. */
	List<Object> told() {
		return this.actions.stream()
			.filter((action) -> action instanceof Action.TellChange || action instanceof Action.TellCrash)
			.<Object>map((action) -> (action instanceof Action.TellCrash crash) ? crash.report()
					: new EndpointChange(this.before.shown(), this.machine.shown()))
			.toList();
	}

}
