package dev.cider.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.cider.broker.EndpointMachine.Step;
import dev.cider.broker.Signal.Closed;
import dev.cider.broker.Signal.CreateFailed;
import dev.cider.broker.Signal.Created;
import dev.cider.broker.Signal.OfIncarnation;
import dev.cider.broker.Signal.Returned;
import dev.cider.broker.Signal.Threw;
import dev.cider.broker.restart.RestartDecision;

/**
 * One turn of an {@link EndpointMachine}: what one signal means, written on a
 * {@link Draft}. {@link Transitions} says which method is called when.
 */
final class Turn {

	/** How long threads get after their interrupt, at most. */
	private static final Duration LAST_WAIT = Duration.ofSeconds(1);

	private final Draft draft;

	Turn(EndpointMachine machine, Moment now) {
		this.draft = new Draft(machine, now);
	}

	Step end() {
		return this.draft.end();
	}

	EndpointState state() {
		return this.draft.state;
	}

	// An operator's wish, while nothing lives

	void begin(Signal wish) {
		if (this.draft.wanted) {
			launchClean();
		}
		else if (this.draft.options().autoStart()) {
			// An operator had stopped it in the broker before.
			this.draft.state = EndpointState.STOPPED;
		}
	}

	void start(Signal wish) {
		this.draft.wanted = true;
		launchClean();
	}

	void relaunch(Signal fired) {
		this.draft.armed = false;
		this.draft.launch(true);
	}

	void relaunchNow(Signal wish) {
		this.draft.wanted = true;
		this.draft.disarm();
		this.draft.launch(true);
	}

	void stopIdle(Signal wish) {
		this.draft.wanted = false;
		this.draft.disarm();
		this.draft.state = EndpointState.STOPPED;
	}

	void terminateIdle(Signal wish) {
		this.draft.disarm();
		this.draft.terminating = true;
		if (!this.draft.state.isEnded()) {
			this.draft.state = EndpointState.STOPPED;
		}
	}

	// How the incarnation gets on

	void created(Created signal) {
		this.draft.run = this.draft.run().with(Run.Body.SERVING);
		this.draft.servingSince = this.draft.nanos();
		this.draft.state = EndpointState.SERVING;
		this.draft.add(new Action.Serve(signal.incarnation()));
	}

	void createFailed(CreateFailed signal) {
		RestartDecision decision = this.draft.crash(CrashPhase.CREATE, signal.failure(), Duration.ZERO, signal.roll());
		this.draft.next = follow(decision);
		settle();
	}

	void returned(Returned signal) {
		RestartDecision decision = this.draft.options()
			.restartPolicy()
			.afterReturn(this.draft.consecutiveErrors, signal.roll());
		this.draft.lastDecision = decision;
		closeAfterBody(decision);
	}

	void threw(Threw signal) {
		Duration served = Duration.ofNanos(this.draft.nanos() - this.draft.servingSince);
		closeAfterBody(this.draft.crash(CrashPhase.SERVE, signal.failure(), served, signal.roll()));
	}

	private static Next follow(RestartDecision decision) {
		if (decision instanceof RestartDecision.Restart restart) {
			return new Next.Retry(restart.delay());
		}
		return (decision instanceof RestartDecision.Drop) ? new Next.Drop() : new Next.Finish();
	}

	// Closing

	void stopStarting(Signal wish) {
		this.draft.wanted = false;
		closeUnborn(new Next.Rest());
	}

	void restartStarting(Signal wish) {
		closeUnborn(new Next.Relaunch(true, false));
	}

	void terminateStarting(Signal wish) {
		this.draft.terminating = true;
		closeUnborn(new Next.Rest());
	}

	void stopServing(Signal wish) {
		this.draft.wanted = false;
		closeServing(new Next.Rest());
	}

	void restartServing(Signal wish) {
		closeServing(new Next.Relaunch(true, false));
	}

	void terminateServing(Signal wish) {
		this.draft.terminating = true;
		closeServing(new Next.Rest());
	}

	/** There is no instance to close yet, so the thread in the factory is interrupted. */
	private void closeUnborn(Next next) {
		beginClosing(next);
		this.draft.add(new Action.Interrupt(this.draft.incarnation));
	}

	private void closeServing(Next next) {
		this.draft.run = this.draft.run().with(Run.Close.RUNNING);
		beginClosing(next);
		this.draft.add(new Action.CloseAside(this.draft.incarnation));
	}

	private void closeAfterBody(RestartDecision decision) {
		this.draft.run = this.draft.run().with(Run.Body.OVER).with(Run.Close.RUNNING);
		beginClosing(follow(decision));
		this.draft.add(new Action.Close(this.draft.incarnation));
	}

	private void beginClosing(Next next) {
		this.draft.state = EndpointState.CLOSING;
		this.draft.next = next;
		this.draft.interrupted = false;
		this.draft.arm(this.draft.options().closeTimeout());
	}

	void progress(OfIncarnation signal) {
		this.draft.run = advance(this.draft.run(), signal);
		if (this.draft.run().isOver()) {
			settle();
		}
	}

	void closeTimeout(Signal fired) {
		if (!this.draft.interrupted) {
			this.draft.interrupted = true;
			Duration closeTimeout = this.draft.options().closeTimeout();
			this.draft.arm((closeTimeout.compareTo(LAST_WAIT) < 0) ? closeTimeout : LAST_WAIT);
			this.draft.add(new Action.Interrupt(this.draft.incarnation));
		}
		else {
			this.draft.armed = false;
			this.draft.abandon(List.of(this.draft.run()));
			settle();
		}
	}

	void startClosing(Signal wish) {
		if (this.draft.next instanceof Next.Rest) {
			this.draft.wanted = true;
			this.draft.next = new Next.Relaunch(false, true);
		}
	}

	void stopClosing(Signal wish) {
		this.draft.wanted = false;
		this.draft.next = new Next.Rest();
	}

	void restartClosing(Signal wish) {
		this.draft.wanted = true;
		boolean goesOn = this.draft.next instanceof Next.Retry
				|| (this.draft.next instanceof Next.Relaunch relaunch && !relaunch.clean());
		this.draft.next = new Next.Relaunch(true, !goesOn);
	}

	void terminateClosing(Signal wish) {
		this.draft.terminating = true;
		if (!(this.draft.next instanceof Next.Finish || this.draft.next instanceof Next.Drop)) {
			this.draft.next = new Next.Rest();
		}
	}

	/** Nothing lives any more: goes where the end of the incarnation leads. */
	private void settle() {
		this.draft.run = null;
		this.draft.disarm();
		if (this.draft.next instanceof Next.Retry retry && !retry.delay().isZero()) {
			this.draft.backOff(retry.delay());
		}
		else if (this.draft.next instanceof Next.Retry) {
			this.draft.launch(true);
		}
		else if (this.draft.next instanceof Next.Relaunch relaunch) {
			this.draft.consecutiveErrors = relaunch.clean() ? 0 : this.draft.consecutiveErrors;
			this.draft.launch(relaunch.restart());
		}
		else {
			this.draft.state = (this.draft.next instanceof Next.Finish) ? EndpointState.FINISHED
					: (this.draft.next instanceof Next.Drop) ? EndpointState.DROPPED : EndpointState.STOPPED;
		}
	}

	private void launchClean() {
		this.draft.consecutiveErrors = 0;
		this.draft.launch(false);
	}

	// Abandoned incarnations

	void late(OfIncarnation signal) {
		List<Run> left = new ArrayList<>();
		for (Run abandonedRun : this.draft.abandoned) {
			Run advanced = abandonedRun.isOf(signal) ? advance(abandonedRun, signal) : abandonedRun;
			if (!advanced.isOver()) {
				left.add(advanced);
			}
		}
		this.draft.abandoned = List.copyOf(left);
	}

	void bequeath() {
		this.draft.add(new Action.PassOn(this.draft.abandoned));
		this.draft.abandoned = List.of();
	}

	void inherit(Signal.Inherit legacy) {
		this.draft.abandon(legacy.abandoned());
	}

	/**
	 * One that is on its way out comes on; a verdict goes to its thread if that waits.
	 */
	private Run advance(Run leaving, OfIncarnation signal) {
		if (signal instanceof Created) {
			this.draft.add(new Action.Close(leaving.incarnation()));
			return leaving.with(Run.Body.OVER).with(Run.Close.RUNNING);
		}
		if (signal instanceof Closed) {
			return leaving.with(Run.Close.DONE);
		}
		if (!(signal instanceof CreateFailed)) {
			this.draft.add(new Action.Dismiss(leaving.incarnation()));
		}
		return leaving.with(Run.Body.OVER);
	}

}
