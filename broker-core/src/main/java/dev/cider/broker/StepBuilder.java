package dev.cider.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import dev.cider.broker.Signal.TimerFired;
import dev.cider.broker.restart.UnwordedDecision;

/**
 * A {@link Step} while it is made: the next machine is a copy that no other thread can
 * read yet. Keeps values that belong together consistent (a timer and its number, a
 * launch and its incarnation). Knows no signal: see {@link SignalHandler}.
 */
abstract class StepBuilder extends Step {

	/** How late a timer may be at most, even for the longest limit. */
	private static final Duration MOST_TOLERATED = Duration.ofSeconds(1);

	/** How late any timer may be: it is later only if its thread gets no processor. */
	private static final Duration LEAST_TOLERATED = Duration.ofMillis(10);

	private final EndpointMachine before;

	private final Moment now;

	/** Whether the new state began at another moment than now. */
	private boolean dated;

	StepBuilder(EndpointMachine before, Moment now) {
		super(new EndpointMachine(before));
		this.before = before;
		this.now = now;
	}

	EndpointOptions options() {
		return this.machine.options;
	}

	/**
	 * A start timeout of a contextual endpoint implies that its instances call ready().
	 */
	boolean awaitsReady() {
		return this.machine.contextual && (options().explicitReady() || options().startTimeout() != null);
	}

	Moment now() {
		return this.now;
	}

	/**
	 * A moment that is not after now.
	 */
	Moment at(long nanos) {
		return this.now.at(nanos);
	}

	/**
	 * The new state began earlier than now: with the end of the run.
	 */
	void movedAt(Moment since) {
		this.machine.since = since;
		this.dated = true;
	}

	long nanos() {
		return this.now.nanos();
	}

	Progress progress() {
		return Objects.requireNonNull(this.machine.progress, "no incarnation lives");
	}

	void abandon(List<Abandoned> more) {
		List<Abandoned> all = new ArrayList<>(this.machine.abandoned);
		all.addAll(more);
		this.machine.abandoned = List.copyOf(all);
	}

	/**
	 * Launches the next incarnation, or waits until that is admitted. What bars it then
	 * explains no earlier error: since that error an incarnation was admitted, or an
	 * operator has asked for a launch. If an operator asks again while the endpoint waits
	 * already, that changes nothing: see {@link SignalHandler#restartWaiting}.
	 * @param requested whether an operator asked for it
	 */
	void launch(boolean restart, boolean requested) {
		launch(restart, requested, false);
	}

	/**
	 * Launches the next incarnation, or waits until that is admitted.
	 * @param requested whether an operator asked for it
	 * @param afterError whether an error that counts still led here
	 */
	void launch(boolean restart, boolean requested, boolean afterError) {
		if (this.machine.isGated()) {
			this.machine.state = EndpointState.WAITING;
			this.machine.afterClose = AfterClose.Launch.of(restart, afterError, requested);
			ask(requested);
		}
		else {
			launchNow(restart);
		}
	}

	/** Each question has a number of its own, so that no earlier answer admits. */
	void ask(boolean requested) {
		this.machine.question++;
		add(new Action.Ask(this.machine.question, requested));
	}

	void withdraw() {
		if (this.machine.state == EndpointState.WAITING) {
			add(new Action.Withdraw(this.machine.question));
		}
	}

	void launchNow(boolean restart) {
		this.machine.incarnation++;
		this.machine.restarts += restart ? 1 : 0;
		this.machine.state = EndpointState.STARTING;
		this.machine.progress = Progress.launched();
		add(Action.launch(this.machine.incarnation));
		Duration startTimeout = options().startTimeout();
		if (startTimeout != null) {
			limit(startTimeout);
		}
	}

	UnwordedDecision crash(CrashPhase phase, Failure failure, Moment exited, Duration served, double roll) {
		UnwordedDecision decision = options().restartPolicy()
			.unwordedAfterCrash(served, this.machine.past.consecutiveErrors(), failure.fatal(), roll);
		CrashEntry crash = new CrashEntry(this.machine.id, failure, this.machine.incarnation, phase, exited, decision);
		this.machine.past = this.machine.past.crashed(crash, decision);
		add(new Action.TellCrash(crash, failure));
		return decision;
	}

	/** A time limit begins to run. */
	void limit(Duration limit) {
		this.machine.renewed = false;
		arm(limit);
	}

	/**
	 * Gives a time limit one fresh window if its timer fired far too late. While the JVM
	 * stands still (a container is paused, a laptop sleeps, a collection is long), no
	 * thread can keep a limit. There is only one window, so that a hanging incarnation is
	 * found even if every timer is late.
	 */
	boolean renews(TimerFired fired, Duration limit) {
		boolean renews = !this.machine.renewed && fired.late() > tolerated(limit);
		this.machine.renewed |= renews;
		return renews;
	}

	static long tolerated(Duration limit) {
		Duration eighth = limit.dividedBy(8);
		if (eighth.compareTo(MOST_TOLERATED) > 0) {
			return MOST_TOLERATED.toNanos();
		}
		return Math.max(eighth.toNanos(), LEAST_TOLERATED.toNanos());
	}

	void arm(Duration delay) {
		this.machine.timer++;
		this.machine.armed = true;
		add(new Action.Arm(this.machine.timer, delay));
	}

	void disarm() {
		if (this.machine.armed) {
			this.machine.armed = false;
			add(Action.DISARM);
		}
	}

	Step end() {
		EndpointMachine after = this.machine;
		boolean moved = after.state != this.before.state || after.incarnation != this.before.incarnation;
		if (moved && !this.dated) {
			after.since = this.now;
		}
		if (moved || after.abandonedCount() != this.before.abandonedCount()) {
			add(Action.TELL_CHANGE);
		}
		return this;
	}

}
