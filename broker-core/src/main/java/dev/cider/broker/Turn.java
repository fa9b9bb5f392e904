package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import dev.cider.broker.EndpointMachine.Step;
import dev.cider.broker.Signal.Closed;
import dev.cider.broker.Signal.CreateFailed;
import dev.cider.broker.Signal.Created;
import dev.cider.broker.Signal.OfIncarnation;
import dev.cider.broker.Signal.Returned;
import dev.cider.broker.Signal.Threw;
import dev.cider.broker.restart.RestartDecision;
import org.jspecify.annotations.Nullable;

/**
 * One turn of an {@link EndpointMachine}: a working copy of it that the meaning of one
 * signal is written on, and the actions that come of it. {@link Transitions} says which
 * method is called when.
 */
final class Turn {

	/** How long threads get after their interrupt, at most. */
	private static final Duration LAST_WAIT = Duration.ofSeconds(1);

	private final EndpointMachine before;

	private final Moment now;

	private final List<Action> actions = new ArrayList<>(4);

	private EndpointState state;

	private long incarnation;

	private long starts;

	private long restarts;

	private long crashes;

	private long drops;

	private int consecutiveErrors;

	private @Nullable Instant nextStart;

	private @Nullable CrashSummary lastCrash;

	private @Nullable RestartDecision lastDecision;

	private @Nullable Run run;

	private List<Run> abandoned;

	private Next next;

	private boolean interrupted;

	private long timer;

	private boolean armed;

	private long servingSince;

	private boolean wanted;

	private boolean terminating;

	Turn(EndpointMachine machine, Moment now) {
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

	EndpointState state() {
		return this.state;
	}

	// An operator's wish, while nothing lives

	void start(Signal wish) {
		this.wanted = true;
		launchClean();
	}

	void relaunch(Signal fired) {
		this.armed = false;
		launch(true);
	}

	void relaunchNow(Signal wish) {
		this.wanted = true;
		disarm();
		launch(true);
	}

	void stopIdle(Signal wish) {
		this.wanted = false;
		disarm();
		this.state = EndpointState.STOPPED;
	}

	void terminateIdle(Signal wish) {
		disarm();
		this.terminating = true;
		if (!this.state.isEnded()) {
			this.state = EndpointState.STOPPED;
		}
	}

	// How the incarnation gets on

	void created(Created signal) {
		this.run = run().with(Run.Body.SERVING);
		this.servingSince = this.now.nanos();
		this.state = EndpointState.SERVING;
		this.actions.add(new Action.Serve(signal.incarnation()));
	}

	void createFailed(CreateFailed signal) {
		RestartDecision decision = crash(CrashPhase.CREATE, signal.failure(), Duration.ZERO, signal.roll());
		this.next = follow(decision);
		settle();
	}

	void returned(Returned signal) {
		RestartDecision decision = this.before.options()
			.restartPolicy()
			.afterReturn(this.consecutiveErrors, signal.roll());
		this.lastDecision = decision;
		closeAfterBody(decision);
	}

	void threw(Threw signal) {
		Duration served = Duration.ofNanos(this.now.nanos() - this.servingSince);
		closeAfterBody(crash(CrashPhase.SERVE, signal.failure(), served, signal.roll()));
	}

	private RestartDecision crash(CrashPhase phase, Failure failure, Duration served, double roll) {
		RestartDecision decision = this.before.options()
			.restartPolicy()
			.afterCrash(served, this.consecutiveErrors, failure.fatal(), roll);
		boolean dropped = decision instanceof RestartDecision.Drop;
		String id = this.before.shown().id();
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

	private static Next follow(RestartDecision decision) {
		if (decision instanceof RestartDecision.Restart restart) {
			return new Next.Retry(restart.delay());
		}
		return (decision instanceof RestartDecision.Drop) ? new Next.Drop() : new Next.Finish();
	}

	// Closing

	void stopStarting(Signal wish) {
		this.wanted = false;
		closeUnborn(new Next.Rest());
	}

	void restartStarting(Signal wish) {
		closeUnborn(new Next.Relaunch(false));
	}

	void terminateStarting(Signal wish) {
		this.terminating = true;
		closeUnborn(new Next.Rest());
	}

	void stopServing(Signal wish) {
		this.wanted = false;
		closeServing(new Next.Rest());
	}

	void restartServing(Signal wish) {
		closeServing(new Next.Relaunch(false));
	}

	void terminateServing(Signal wish) {
		this.terminating = true;
		closeServing(new Next.Rest());
	}

	/** There is no instance to close yet, so the thread in the factory is interrupted. */
	private void closeUnborn(Next next) {
		beginClosing(next);
		this.actions.add(new Action.Interrupt(this.incarnation));
	}

	private void closeServing(Next next) {
		this.run = run().with(Run.Close.RUNNING);
		beginClosing(next);
		this.actions.add(new Action.CloseAside(this.incarnation));
	}

	private void closeAfterBody(RestartDecision decision) {
		this.run = run().with(Run.Body.OVER).with(Run.Close.RUNNING);
		beginClosing(follow(decision));
		this.actions.add(new Action.Close(this.incarnation));
	}

	private void beginClosing(Next next) {
		this.state = EndpointState.CLOSING;
		this.next = next;
		this.interrupted = false;
		arm(this.before.options().closeTimeout());
	}

	void progress(OfIncarnation signal) {
		this.run = advance(run(), signal);
		if (run().isOver()) {
			settle();
		}
	}

	void closeTimeout(Signal fired) {
		if (!this.interrupted) {
			this.interrupted = true;
			this.actions.add(new Action.Interrupt(this.incarnation));
			Duration closeTimeout = this.before.options().closeTimeout();
			arm((closeTimeout.compareTo(LAST_WAIT) < 0) ? closeTimeout : LAST_WAIT);
		}
		else {
			this.armed = false;
			this.abandoned = append(this.abandoned, List.of(run()));
			settle();
		}
	}

	void startClosing(Signal wish) {
		if (this.next instanceof Next.Rest) {
			this.wanted = true;
			this.next = new Next.Relaunch(true);
		}
	}

	void stopClosing(Signal wish) {
		this.wanted = false;
		this.next = new Next.Rest();
	}

	void restartClosing(Signal wish) {
		this.wanted = true;
		boolean running = this.next instanceof Next.Retry
				|| (this.next instanceof Next.Relaunch relaunch && !relaunch.clean());
		this.next = new Next.Relaunch(!running);
	}

	void terminateClosing(Signal wish) {
		this.terminating = true;
		if (!(this.next instanceof Next.Finish || this.next instanceof Next.Drop)) {
			this.next = new Next.Rest();
		}
	}

	/** Nothing lives any more: goes where the end of the incarnation leads. */
	private void settle() {
		this.run = null;
		disarm();
		if (this.next instanceof Next.Retry retry && !retry.delay().isZero()) {
			this.state = EndpointState.BACKOFF;
			this.nextStart = plus(this.now.instant(), retry.delay());
			arm(retry.delay());
		}
		else if (this.next instanceof Next.Retry) {
			launch(true);
		}
		else if (this.next instanceof Next.Relaunch relaunch) {
			if (relaunch.clean()) {
				launchClean();
			}
			else {
				launch(true);
			}
		}
		else {
			this.state = (this.next instanceof Next.Finish) ? EndpointState.FINISHED
					: (this.next instanceof Next.Drop) ? EndpointState.DROPPED : EndpointState.STOPPED;
		}
	}

	private void launchClean() {
		this.consecutiveErrors = 0;
		launch(false);
	}

	private void launch(boolean restart) {
		this.incarnation++;
		this.starts++;
		this.restarts += restart ? 1 : 0;
		this.state = EndpointState.STARTING;
		this.run = Run.launched(this.incarnation);
		this.actions.add(new Action.Launch(this.incarnation));
	}

	// Abandoned incarnations

	void late(OfIncarnation signal) {
		List<Run> left = new ArrayList<>();
		for (Run abandonedRun : this.abandoned) {
			Run advanced = abandonedRun.isOf(signal) ? advance(abandonedRun, signal) : abandonedRun;
			if (!advanced.isOver()) {
				left.add(advanced);
			}
		}
		this.abandoned = List.copyOf(left);
	}

	void bequeath() {
		this.actions.add(new Action.PassOn(this.abandoned));
		this.abandoned = List.of();
	}

	void inherit(Signal.Inherit legacy) {
		this.abandoned = append(this.abandoned, legacy.abandoned());
	}

	/**
	 * One that is on its way out comes on; a verdict goes to its thread if that waits.
	 */
	private Run advance(Run leaving, OfIncarnation signal) {
		if (signal instanceof Created) {
			this.actions.add(new Action.Close(leaving.incarnation()));
			return leaving.with(Run.Body.OVER).with(Run.Close.RUNNING);
		}
		if (signal instanceof Closed) {
			return leaving.with(Run.Close.DONE);
		}
		if (!(signal instanceof CreateFailed)) {
			this.actions.add(new Action.Dismiss(leaving.incarnation()));
		}
		return leaving.with(Run.Body.OVER);
	}

	// The timer

	private void arm(Duration delay) {
		this.timer++;
		this.armed = true;
		this.actions.add(new Action.Arm(this.timer, delay));
	}

	private void disarm() {
		if (this.armed) {
			this.armed = false;
			this.actions.add(new Action.Disarm());
		}
	}

	// The end of the turn

	Step end() {
		if (this.state != EndpointState.BACKOFF) {
			this.nextStart = null;
		}
		EndpointSnapshot from = this.before.shown();
		EndpointSnapshot to = snapshot(from);
		if (this.state != from.state() || this.incarnation != from.incarnation()
				|| to.abandoned() != from.abandoned()) {
			this.actions.add(new Action.TellChange(new EndpointChange(from, to)));
		}
		return new Step(new EndpointMachine(this.before.options(), to, this.run, this.abandoned, this.next,
				this.interrupted, this.timer, this.armed, this.servingSince, this.wanted, this.terminating),
				this.actions);
	}

	private EndpointSnapshot snapshot(EndpointSnapshot from) {
		boolean moved = this.state != from.state() || this.incarnation != from.incarnation();
		return new EndpointSnapshot(from.id(), this.state, moved ? this.now.instant() : from.since(), this.incarnation,
				this.starts, this.restarts, this.crashes, this.drops, this.consecutiveErrors, this.abandoned.size(),
				this.nextStart, this.lastCrash, this.lastDecision);
	}

	private Run run() {
		return Objects.requireNonNull(this.run, "no incarnation lives");
	}

	private static List<Run> append(List<Run> runs, List<Run> more) {
		List<Run> all = new ArrayList<>(runs);
		all.addAll(more);
		return List.copyOf(all);
	}

	/** A delay may reach beyond the end of time as {@link Instant} knows it. */
	private static Instant plus(Instant instant, Duration delay) {
		Duration left = Duration.between(instant, Instant.MAX);
		return (delay.compareTo(left) < 0) ? instant.plus(delay) : Instant.MAX;
	}

}
