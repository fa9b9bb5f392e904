package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import dev.cider.broker.EndpointMachine.Step;
import dev.cider.broker.restart.RestartDecision;
import org.jspecify.annotations.Nullable;

/**
 * A working copy of an {@link EndpointMachine}, for the time of one {@link Turn}: its
 * values, which the turn may change, the actions that come of it, and the few steps that
 * keep several of them in line.
 */
final class Draft {

	private final EndpointMachine before;

	private final Moment now;

	private final List<Action> actions = new ArrayList<>(4);

	EndpointState state;

	long incarnation;

	long starts;

	long restarts;

	long crashes;

	long drops;

	int consecutiveErrors;

	@Nullable Instant nextStart;

	@Nullable CrashSummary lastCrash;

	@Nullable RestartDecision lastDecision;

	@Nullable Run run;

	List<Abandoned> abandoned;

	Next next;

	boolean interrupted;

	long timer;

	boolean armed;

	long servingSince;

	boolean wanted;

	boolean terminating;

	Draft(EndpointMachine machine, Moment now) {
		this.before = machine;
		this.now = now;
		EndpointSnapshot shown = machine.shown();
		this.state = shown.state();
		this.incarnation = shown.incarnation();
		this.starts = shown.starts();
		this.restarts = shown.restarts();
		this.crashes = shown.crashes();
		this.drops = shown.drops();
		this.consecutiveErrors = shown.consecutiveErrors();
		this.nextStart = shown.nextStart();
		this.lastCrash = shown.lastCrash();
		this.lastDecision = shown.lastDecision();
		this.run = machine.run();
		this.abandoned = machine.abandoned();
		this.next = machine.next();
		this.interrupted = machine.interrupted();
		this.timer = machine.timer();
		this.armed = machine.armed();
		this.servingSince = machine.servingSince();
		this.wanted = machine.wanted();
		this.terminating = machine.terminating();
	}

	String id() {
		return this.before.shown().id();
	}

	EndpointOptions options() {
		return this.before.options();
	}

	/** Only who can say that he is ready, and has a limit for it, is waited for. */
	boolean awaitsReady() {
		return this.before.contextual() && options().startTimeout() != null;
	}

	long nanos() {
		return this.now.nanos();
	}

	Run run() {
		return Objects.requireNonNull(this.run, "no incarnation lives");
	}

	void add(Action action) {
		this.actions.add(action);
	}

	void abandon(List<Abandoned> more) {
		List<Abandoned> all = new ArrayList<>(this.abandoned);
		all.addAll(more);
		this.abandoned = List.copyOf(all);
	}

	/** Waits for the next start. */
	void startAfter(Duration delay) {
		this.nextStart = plus(this.now.instant(), delay);
		arm(delay);
	}

	void launch(boolean restart) {
		this.incarnation++;
		this.starts++;
		this.restarts += restart ? 1 : 0;
		this.state = EndpointState.STARTING;
		this.run = Run.launched();
		this.actions.add(new Action.Launch(this.incarnation));
		Duration startTimeout = options().startTimeout();
		if (startTimeout != null) {
			arm(startTimeout);
		}
	}

	RestartDecision crash(CrashPhase phase, Failure failure, Duration served, double roll) {
		RestartDecision decision = options().restartPolicy()
			.afterCrash(served, this.consecutiveErrors, failure.fatal(), roll);
		boolean dropped = decision instanceof RestartDecision.Drop;
		String id = id();
		this.crashes++;
		this.drops += dropped ? 1 : 0;
		this.consecutiveErrors = decision.consecutiveErrors();
		this.lastDecision = decision;
		this.lastCrash = new CrashSummary(id, dropped, failure.type(), failure.message(), this.incarnation, phase,
				this.now.instant(), served, decision.consecutiveErrors(), decision.explanation());
		this.actions.add(new Action.TellCrash(new EndpointCrashReport(id, dropped, failure.error(), this.incarnation,
				phase, this.now.instant(), served, decision.consecutiveErrors(), decision), failure));
		return decision;
	}

	void arm(Duration delay) {
		this.timer++;
		this.armed = true;
		this.actions.add(new Action.Arm(this.timer, delay));
	}

	void disarm() {
		if (this.armed) {
			this.armed = false;
			this.actions.add(new Action.Disarm());
		}
	}

	Step end() {
		boolean waits = this.state == EndpointState.BACKOFF || (this.state == EndpointState.DROPPED && this.armed);
		if (!waits) {
			this.nextStart = null;
		}
		EndpointSnapshot from = this.before.shown();
		EndpointSnapshot to = snapshot(from);
		if (this.state != from.state() || this.incarnation != from.incarnation()
				|| to.abandoned() != from.abandoned()) {
			this.actions.add(new Action.TellChange(new EndpointChange(from, to)));
		}
		return new Step(new EndpointMachine(this.before.options(), this.before.contextual(), to, this.run,
				this.abandoned, this.next, this.interrupted, this.timer, this.armed, this.servingSince, this.wanted,
				this.terminating), this.actions);
	}

	/**
	 * The same one if there is nothing new to be seen: a third of all turns. What is
	 * counted or decided comes with another state or incarnation.
	 */
	private EndpointSnapshot snapshot(EndpointSnapshot from) {
		boolean moved = this.state != from.state() || this.incarnation != from.incarnation();
		if (!moved && this.abandoned.size() == from.abandoned() && this.nextStart == from.nextStart()) {
			return from;
		}
		return new EndpointSnapshot(from.id(), this.state, moved ? this.now.instant() : from.since(), this.incarnation,
				this.starts, this.restarts, this.crashes, this.drops, this.consecutiveErrors, this.abandoned.size(),
				this.nextStart, this.lastCrash, this.lastDecision);
	}

	/** A delay may reach beyond the end of time as {@link Instant} knows it. */
	private static Instant plus(Instant instant, Duration delay) {
		Duration left = Duration.between(instant, Instant.MAX);
		return (delay.compareTo(left) < 0) ? instant.plus(delay) : Instant.MAX;
	}

}
