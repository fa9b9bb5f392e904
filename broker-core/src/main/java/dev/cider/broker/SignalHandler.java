package dev.cider.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import dev.cider.broker.Signal.Closed;
import dev.cider.broker.Signal.CreateFailed;
import dev.cider.broker.Signal.Created;
import dev.cider.broker.Signal.InnerChanged;
import dev.cider.broker.Signal.OfIncarnation;
import dev.cider.broker.Signal.Ready;
import dev.cider.broker.Signal.Returned;
import dev.cider.broker.Signal.Threw;
import dev.cider.broker.Signal.TimedOut;
import dev.cider.broker.Signal.TimerFired;
import dev.cider.broker.restart.UnwordedDecision;

/**
 * What each {@link Signal} does to an {@link EndpointMachine}: one method per meaning,
 * which writes the next machine and adds the actions to be carried out.
 * {@link Transitions} says which method handles which signal in which state. One handler
 * handles one signal.
 */
final class SignalHandler extends StepBuilder {

	/** How long threads get after their interrupt, at most. */
	private static final Duration LAST_WAIT = Duration.ofSeconds(1);

	SignalHandler(EndpointMachine before, Moment now) {
		super(before, now);
	}

	EndpointState state() {
		return this.machine.state;
	}

	// While no incarnation lives

	void begin(Signal.Begin begin) {
		if (this.machine.shouldRun) {
			launchClean(false);
		}
		else if (this.machine.options.autoStart()) {
			// An operator stopped it in the predecessor's broker.
			this.machine.state = EndpointState.STOPPED;
		}
	}

	void start(Signal request) {
		decide(true);
		disarm();
		launchClean(true);
	}

	/** What an operator decides holds in the next broker too. */
	private void decide(boolean shouldRun) {
		this.machine.shouldRun = shouldRun;
		this.machine.operatorDecided = true;
	}

	void revive(TimerFired fired) {
		this.machine.armed = false;
		launchClean(false);
	}

	void relaunch(TimerFired fired) {
		this.machine.armed = false;
		retry();
	}

	/** Nothing but a crash or a return led here: what bars it may explain that crash. */
	private void retry() {
		launch(true, false, this.machine.past.endedInError());
	}

	void relaunchNow(Signal request) {
		decide(true);
		disarm();
		launch(true, true);
	}

	// While it waits for admission

	void admit(Signal.Admit admission) {
		launchNow(waiting().restart());
	}

	/** What bars the endpoint takes back the error that brought it here, once. */
	void bar(Signal.Bar bar) {
		this.machine.afterClose = waiting().barred(bar.why());
		if (bar.explains() && waiting().afterError()) {
			this.machine.past = this.machine.past.takenBack(bar.why());
			this.machine.afterClose = waiting().explained();
		}
	}

	private AfterClose.Launch waiting() {
		return (AfterClose.Launch) this.machine.afterClose;
	}

	/** Opens nothing that is shut: the question is asked again, for an operator. */
	void restartWaiting(Signal request) {
		decide(true);
		if (!waiting().requested()) {
			withdraw();
			this.machine.afterClose = waiting().asRequested();
			ask(true);
		}
	}

	// While no incarnation lives, or none is admitted

	void stopIdle(Signal request) {
		decide(false);
		disarm();
		withdraw();
		this.machine.state = EndpointState.STOPPED;
	}

	void terminateIdle(Signal request) {
		disarm();
		withdraw();
		this.machine.terminating = true;
		if (this.machine.state != EndpointState.FINISHED && this.machine.state != EndpointState.DROPPED) {
			this.machine.state = EndpointState.STOPPED;
		}
	}

	// The broker's end is announced

	/** A backoff or a wait ends at once, and no revival is awaited. */
	void announceToIdle(Signal announcement) {
		this.machine.announced = true;
		disarm();
		withdraw();
		if (this.machine.state == EndpointState.BACKOFF || this.machine.state == EndpointState.WAITING) {
			this.machine.state = EndpointState.STOPPED;
		}
	}

	/** Its time limits end: it will be closed soon in any case. */
	void announceToLiving(Signal announcement) {
		this.machine.announced = true;
		disarm();
		add(new Action.AnnounceInside(this.machine.incarnation));
	}

	void announceToClosing(Signal announcement) {
		this.machine.announced = true;
		goNowhereElse();
	}

	// Steps of the incarnation

	void created(Created signal) {
		this.machine.progress = progress().with(Progress.Stage.SERVING);
		if (this.machine.announced) {
			// The instance did not exist yet when the end was announced.
			add(new Action.AnnounceInside(signal.incarnation()));
		}
		add(Action.serve(signal.incarnation()));
		if (progress().ready() || !awaitsReady()) {
			serving();
		}
	}

	/** May come while the factory still runs; it takes effect when serving begins. */
	void ready(Ready signal) {
		this.machine.progress = progress().withReady();
		if (progress().body() == Progress.Stage.SERVING) {
			serving();
		}
	}

	void readyAgain(Ready signal) {
		// Once is enough.
	}

	private void serving() {
		disarm();
		this.machine.state = EndpointState.SERVING;
		Duration heartbeatTimeout = this.machine.options.heartbeatTimeout();
		if (heartbeatTimeout != null && !this.machine.announced) {
			this.machine.silentSince = now();
			this.machine.renewed = false;
			arm(half(heartbeatTimeout));
		}
	}

	/**
	 * The timer of a heartbeat timeout also fires at half of it: a JVM that stands still
	 * until just before the end would not make the timer at the end late.
	 */
	private static Duration half(Duration timeout) {
		return timeout.minus(timeout.dividedBy(2));
	}

	void startTimeout(TimerFired fired) {
		Duration timeout = Objects.requireNonNull(this.machine.options.startTimeout());
		if (renews(fired, timeout)) {
			arm(timeout);
			return;
		}
		add(new Action.Inspect(this.machine.incarnation, fired.timer(), nanos(),
				"not ready within the start timeout " + timeout));
	}

	void startTimedOut(TimedOut signal) {
		close(crashed(CrashPhase.START, signal.failure(), signal.noticed(), signal.roll()));
	}

	void heartbeatTimeout(TimerFired fired) {
		Duration timeout = Objects.requireNonNull(this.machine.options.heartbeatTimeout());
		hear(fired.heard(), fired.lastHeartbeat());
		if (renews(fired, timeout)) {
			this.machine.silentSince = now();
		}
		if (isSilent(timeout)) {
			add(new Action.Inspect(this.machine.incarnation, fired.timer(), nanos(),
					"no heartbeat within the heartbeat timeout " + timeout));
		}
		else {
			awaitHeartbeat(timeout);
		}
	}

	/** Ignores a heartbeat from before the state SERVING. */
	private void hear(boolean heard, long heartbeat) {
		if (heard && heartbeat - silentSince() > 0) {
			this.machine.silentSince = at(heartbeat);
			this.machine.renewed = false;
		}
	}

	private boolean isSilent(Duration timeout) {
		return untilSilent(timeout).compareTo(Duration.ZERO) <= 0;
	}

	private long silentSince() {
		return Objects.requireNonNull(this.machine.silentSince, "it does not serve").nanos();
	}

	private Duration untilSilent(Duration timeout) {
		return timeout.minusNanos(nanos() - silentSince());
	}

	private void awaitHeartbeat(Duration timeout) {
		Duration left = untilSilent(timeout);
		Duration half = half(timeout);
		arm((left.compareTo(half) < 0) ? left : half);
	}

	/** Closes the incarnation, unless it sent a heartbeat while its stack was read. */
	void heartbeatTimedOut(TimedOut signal) {
		Duration timeout = Objects.requireNonNull(this.machine.options.heartbeatTimeout());
		hear(signal.heard(), signal.lastHeartbeat());
		if (!isSilent(timeout)) {
			awaitHeartbeat(timeout);
			return;
		}
		close(crashed(CrashPhase.HANG, signal.failure(), signal.noticed(), signal.roll()));
	}

	/**
	 * Reports a crash.
	 * @param exited when the run ended, taken before the Throwable or the stack was read
	 */
	private AfterClose crashed(CrashPhase phase, Failure failure, long exited, double roll) {
		Moment since = this.machine.since;
		// Another thread may have called ready() after the run had ended.
		Moment end = (exited - since.nanos() > 0) ? at(exited) : since;
		boolean served = this.machine.state == EndpointState.SERVING;
		Duration run = served ? Duration.ofNanos(end.nanos() - since.nanos()) : Duration.ZERO;
		UnwordedDecision decision = crash(phase, failure, end, run, roll);
		if (phase == CrashPhase.SERVE) {
			movedAt(end);
		}
		return follow(decision, end);
	}

	void createFailed(CreateFailed signal) {
		this.machine.afterClose = failed(CrashPhase.CREATE, signal.failure(), signal.exited(), signal.roll());
		settle();
	}

	void returned(Returned signal) {
		if (this.machine.announced && this.machine.options.restartPolicy().mode().restartsAfterReturn()) {
			closeAfterBody(AfterClose.REST);
			return;
		}
		UnwordedDecision decision = this.machine.options.restartPolicy()
			.unwordedAfterReturn(this.machine.past.consecutiveErrors(), signal.roll());
		this.machine.past = this.machine.past.returned(decision);
		closeAfterBody(follow(decision, now()));
	}

	void threw(Threw signal) {
		closeAfterBody(failed(CrashPhase.SERVE, signal.failure(), signal.exited(), signal.roll()));
	}

	/** A failure after the announcement comes from the shutdown, so it is no crash. */
	private AfterClose failed(CrashPhase phase, Failure failure, long exited, double roll) {
		if (this.machine.announced) {
			add(new Action.Excuse(this.machine.incarnation, failure));
			return AfterClose.REST;
		}
		return crashed(phase, failure, exited, roll);
	}

	private static AfterClose follow(UnwordedDecision decision, Moment exited) {
		Duration delay = decision.delay();
		if (decision.drops()) {
			return new AfterClose.Drop(exited, delay);
		}
		return decision.restarts() ? AfterClose.retry(Objects.requireNonNull(delay)) : AfterClose.FINISH;
	}

	// Closing

	void stopLiving(Signal request) {
		decide(false);
		close(AfterClose.REST);
	}

	void restartLiving(Signal request) {
		decide(true);
		close(new AfterClose.Relaunch(true, false, true));
	}

	/** Its errors stay as they are: it did nothing wrong, and nothing right. */
	void evict(Signal.Evict eviction) {
		close(new AfterClose.Relaunch(true, false, false));
	}

	/** It ends in any case, and must be admitted before it comes back. */
	void evictClosing(Signal.Evict eviction) {
		// Nothing is to be done.
	}

	void terminateLiving(Signal request) {
		this.machine.terminating = true;
		close(AfterClose.REST);
		leaveBehindWhatAwaitsEnd();
	}

	/**
	 * Closes the current incarnation. An instance that may be serving, even if it is not
	 * ready, is closed on another thread. While the factory runs there is nothing to
	 * close, so its thread is interrupted, unless that thread is inside the application's
	 * shutdown.
	 */
	private void close(AfterClose afterClose) {
		beginClosing(afterClose);
		if (progress().body() == Progress.Stage.CREATING) {
			if (!progress().bodyAwaitsEnd()) {
				add(new Action.Interrupt(this.machine.incarnation));
			}
		}
		else {
			this.machine.progress = progress().with(Progress.Close.RUNNING);
			add(new Action.CloseAside(this.machine.incarnation));
		}
	}

	private void closeAfterBody(AfterClose afterClose) {
		this.machine.progress = progress().with(Progress.Stage.OVER).with(Progress.Close.RUNNING);
		beginClosing(afterClose);
		add(Action.close(this.machine.incarnation));
	}

	private void beginClosing(AfterClose afterClose) {
		this.machine.state = EndpointState.CLOSING;
		this.machine.afterClose = afterClose;
		limit(this.machine.options.closeTimeout());
	}

	void advanceClosing(OfIncarnation signal) {
		this.machine.progress = advance(progress(), signal);
		if (progress().isOver()) {
			if (this.machine.inner.abandoned() > 0) {
				abandon();
			}
			settle();
		}
		else {
			leaveBehindWhatAwaitsEnd();
		}
	}

	/** While it serves, this only notes that the broker must not wait for it later. */
	void awaitsEnd(Signal.AwaitsEnd signal) {
		Progress progress = progress();
		boolean close = progress.close() == Progress.Close.RUNNING && (signal.close() || closesItself(signal.body()));
		this.machine.progress = progress.awaitingEnd(signal.body(), close);
		if (this.machine.state == EndpointState.CLOSING) {
			leaveBehindWhatAwaitsEnd();
		}
	}

	void awaitsEndNoMore(Signal.AwaitsEndNoMore signal) {
		boolean close = signal.close() || closesItself(signal.body());
		this.machine.progress = progress().awaitingEndNoMore(signal.body(), close);
	}

	/** After serving the same thread closes the instance, if no other thread does. */
	private boolean closesItself(boolean body) {
		return body && progress().body() == Progress.Stage.OVER;
	}

	/**
	 * The broker does not wait for threads that wait for it: if no other thread of the
	 * incarnation runs, it is abandoned at once. A close that does not wait for the
	 * broker ends before.
	 */
	private void leaveBehindWhatAwaitsEnd() {
		if (this.machine.terminating && progress().onlyAwaitsEnd()) {
			abandon();
			settle();
		}
	}

	/** It counts while its threads or what its inner broker abandoned still run. */
	private void abandon() {
		abandon(List.of(new Abandoned(this.machine.incarnation, progress(), this.machine.inner)));
		this.machine.inner = Inner.NONE;
	}

	void innerChanged(InnerChanged signal) {
		this.machine.inner = signal.inner();
	}

	/**
	 * An inner broker that closes has all the time that its own limits give it: if this
	 * limit cut it short, its incarnations would live on unseen.
	 */
	void closeTimeout(TimerFired fired) {
		Duration closeTimeout = this.machine.options.closeTimeout();
		Duration lastWait = (closeTimeout.compareTo(LAST_WAIT) < 0) ? closeTimeout : LAST_WAIT;
		Duration limit = progress().interrupted() ? lastWait : closeTimeout;
		if (this.machine.inner.closing()) {
			limit(limit);
		}
		else if (renews(fired, limit)) {
			arm(limit);
		}
		else if (!progress().interrupted()) {
			this.machine.progress = progress().withInterrupt();
			limit(lastWait);
			add(new Action.Interrupt(this.machine.incarnation));
		}
		else if (options().replaceAbandoned() || this.machine.terminating) {
			this.machine.armed = false;
			abandon();
			settle();
		}
		else {
			this.machine.armed = false;
			this.machine.progress = progress().waitedFor();
		}
	}

	/** An operator, or the broker's end, does not wait for what is overdue. */
	private void giveUpWhatIsOverdue() {
		if (this.machine.isOverdue()) {
			abandon();
			settle();
		}
	}

	void startClosing(Signal request) {
		if (this.machine.afterClose instanceof AfterClose.Rest) {
			decide(true);
			this.machine.afterClose = new AfterClose.Relaunch(false, true, true);
		}
	}

	void stopClosing(Signal request) {
		decide(false);
		this.machine.afterClose = AfterClose.REST;
		giveUpWhatIsOverdue();
	}

	void restartClosing(Signal request) {
		decide(true);
		boolean goesOn = this.machine.afterClose instanceof AfterClose.Retry
				|| (this.machine.afterClose instanceof AfterClose.Relaunch relaunch && !relaunch.clean());
		this.machine.afterClose = new AfterClose.Relaunch(true, !goesOn, true);
		giveUpWhatIsOverdue();
	}

	void terminateClosing(Signal request) {
		this.machine.terminating = true;
		goNowhereElse();
		if (this.machine.isOverdue()) {
			giveUpWhatIsOverdue();
		}
		else {
			leaveBehindWhatAwaitsEnd();
		}
	}

	/** A finish or a drop stays so; all other ways on would launch again. */
	private void goNowhereElse() {
		if (!(this.machine.afterClose instanceof AfterClose.Finish
				|| this.machine.afterClose instanceof AfterClose.Drop)) {
			this.machine.afterClose = AfterClose.REST;
		}
	}

	/** No incarnation lives any more: goes where {@code afterClose} leads. */
	private void settle() {
		this.machine.progress = null;
		this.machine.inner = Inner.NONE;
		disarm();
		if (this.machine.afterClose instanceof AfterClose.Retry retry && !retry.delay().isZero()) {
			this.machine.state = EndpointState.BACKOFF;
			arm(retry.delay());
		}
		else if (this.machine.afterClose instanceof AfterClose.Retry) {
			retry();
		}
		else if (this.machine.afterClose instanceof AfterClose.Relaunch relaunch) {
			this.machine.past = relaunch.clean() ? this.machine.past.forgiven() : this.machine.past;
			launch(relaunch.restart(), relaunch.requested());
		}
		else {
			settleDown();
		}
	}

	private void settleDown() {
		if (this.machine.afterClose instanceof AfterClose.Finish) {
			this.machine.state = EndpointState.FINISHED;
		}
		else if (this.machine.afterClose instanceof AfterClose.Drop drop) {
			this.machine.state = EndpointState.DROPPED;
			if (drop.reviveAfter() != null && !this.machine.terminating && !this.machine.announced) {
				Duration passed = Duration.ofNanos(nanos() - drop.crashed().nanos());
				Duration left = drop.reviveAfter().minus(passed);
				arm(left.isNegative() ? Duration.ZERO : left);
			}
		}
		else {
			this.machine.state = EndpointState.STOPPED;
		}
	}

	private void launchClean(boolean requested) {
		this.machine.past = this.machine.past.forgiven();
		launch(false, requested);
	}

	// Abandoned incarnations

	void advanceAbandoned(OfIncarnation signal) {
		List<Abandoned> left = new ArrayList<>();
		for (Abandoned given : this.machine.abandoned) {
			boolean isMeant = given.incarnation() == signal.incarnation();
			Abandoned advanced = isMeant ? advance(given, signal) : given;
			if (advanced.count() > 0) {
				left.add(advanced);
			}
		}
		this.machine.abandoned = List.copyOf(left);
	}

	void handOver() {
		add(new Action.HandOver(this.machine.abandoned));
		this.machine.abandoned = List.of();
		this.machine.handedOver = true;
	}

	void takeOver(Signal.TakeOver handedOver) {
		abandon(handedOver.abandoned());
	}

	private Abandoned advance(Abandoned given, OfIncarnation signal) {
		return (signal instanceof InnerChanged changed) ? given.with(changed.inner())
				: given.with(advance(given.progress(), signal));
	}

	/**
	 * Advances a closing or abandoned incarnation, and gives its thread a verdict if that
	 * waits for one.
	 */
	private Progress advance(Progress leaving, OfIncarnation signal) {
		if (signal instanceof Ready || signal instanceof Signal.AwaitsEnd || signal instanceof Signal.AwaitsEndNoMore) {
			return leaving;
		}
		if (signal instanceof Created) {
			add(Action.close(signal.incarnation()));
			return leaving.with(Progress.Stage.OVER).with(Progress.Close.RUNNING);
		}
		if (signal instanceof Closed) {
			return leaving.with(Progress.Close.DONE);
		}
		if (!(signal instanceof CreateFailed)) {
			add(new Action.Dismiss(signal.incarnation()));
		}
		return leaving.with(Progress.Stage.OVER);
	}

}
