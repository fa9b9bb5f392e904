package dev.cider.broker;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import static dev.cider.broker.Promise.claim;

/**
 * An oracle's books of one endpoint: from what it was told alone, where it must be and
 * what must be done.
 */
final class EndpointBooks {

	private final EndpointOptions options;

	private final boolean awaitsReady;

	private final @Nullable EndpointBooks earlier;

	private final Expected expected = new Expected();

	private final TimerBooks timer = new TimerBooks();

	private final GivingUp givingUp;

	private final CrashBooks crashes;

	private @Nullable Life current;

	private List<Life> abandoned = new ArrayList<>();

	private List<Life> bequest = List.of();

	private Toward toward = Toward.REST;

	/** An operator's last word, or {@code autoStart} before there is one. */
	private boolean word;

	/** Nobody has said anything yet. */
	private boolean fresh = true;

	private boolean terminated;

	/** The timer that an endpoint in a pause waits for has fired. */
	private boolean wake;

	private boolean returned;

	private long downAt;

	private long pause;

	private long latest;

	private long restarts;

	private long abandonedInAll;

	EndpointBooks(EndpointOptions options, boolean contextual, @Nullable EndpointBooks earlier) {
		this.options = options;
		this.awaitsReady = contextual && options.startTimeout() != null;
		this.givingUp = new GivingUp(options.restartPolicy());
		this.earlier = earlier;
		this.crashes = new CrashBooks(this.givingUp, (earlier != null) ? earlier.crashes : null);
		this.word = (earlier != null) ? earlier.word : options.autoStart();
		this.latest = (earlier != null) ? earlier.latest : 0;
		this.restarts = (earlier != null) ? earlier.restarts : 0;
	}

	// What was heard

	/**
	 * Notes what the machine is told.
	 */
	void hear(Signal signal, long now) {
		this.expected.clear();
		this.wake = false;
		this.returned = false;
		if (signal instanceof Signal.OfIncarnation of) {
			Life life = find(of.incarnation());
			if (life != null) {
				hear(life, of, now);
			}
		}
		else if (signal instanceof Signal.TimerFired fired) {
			if (this.timer.fires(fired, now)) {
				obey(fired, now);
			}
		}
		else if (signal instanceof Signal.TimedOut timedOut) {
			Life life = this.current;
			if (life != null && !life.isClosing() && life.inspected == timedOut.timer()) {
				crash(life, (life.servingSince != null) ? CrashPhase.HANG : CrashPhase.START, timedOut.failure(), now);
				askToClose(now);
			}
		}
		else if (signal instanceof Signal.Bequeath) {
			this.bequest = this.abandoned;
			this.abandoned = new ArrayList<>();
		}
		else if (signal instanceof Signal.Inherit) {
			this.abandoned.addAll(this.earlier.bequest);
		}
		else if (!this.terminated) {
			hearOperator(signal, now);
		}
	}

	@Nullable Life find(long incarnation) {
		if (this.current != null && this.current.incarnation == incarnation) {
			return this.current;
		}
		return this.abandoned.stream().filter((life) -> life.incarnation == incarnation).findFirst().orElse(null);
	}

	private void hear(Life life, Signal.OfIncarnation signal, long now) {
		long n = life.incarnation;
		if (signal instanceof Signal.Ready) {
			life.ready = true;
		}
		else if (signal instanceof Signal.Closed) {
			life.closed = true;
		}
		else if (signal instanceof Signal.Created) {
			life.created = true;
			this.expected.add(life.isClosing() ? new Action.Close(n) : new Action.Serve(n));
		}
		else {
			life.bodyOver = true;
			if (life.isClosing()) {
				// G5: whatever it throws now is no crash.
				if (life.created) {
					this.expected.add(new Action.Dismiss(n));
				}
			}
			else {
				exit(life, signal, now);
			}
		}
		if (life.abandoned && !life.isAlive()) {
			life.check();
			this.abandoned.remove(life);
		}
	}

	/** By itself, before anybody asked for a close. */
	private void exit(Life life, Signal.OfIncarnation signal, long now) {
		if (signal instanceof Signal.CreateFailed failed) {
			crash(life, CrashPhase.CREATE, failed.failure(), now);
			return;
		}
		if (signal instanceof Signal.Threw threw) {
			crash(life, CrashPhase.SERVE, threw.failure(), now);
		}
		else {
			this.returned = true;
			this.toward = this.givingUp.restartsAfterReturn() ? Toward.RETRY : Toward.FINISH;
		}
		life.closeAskedAt = now;
		this.expected.add(new Action.Close(life.incarnation));
	}

	private void crash(Life life, CrashPhase phase, Failure failure, long now) {
		long served = (life.servingSince != null) ? now - life.servingSince : 0;
		boolean drop = this.crashes.crash(life.incarnation, phase, failure, served);
		boolean revives = this.givingUp.revives(failure.fatal());
		this.toward = !drop ? Toward.RETRY : revives ? Toward.REVIVE : Toward.DROP;
	}

	private void obey(Signal.TimerFired fired, long now) {
		Life life = this.current;
		if (life == null) {
			claim(now >= this.downAt + this.pause, "4.3: the pause is over");
			this.wake = true;
		}
		else if (life.isClosing()) {
			if (life.interruptedAt == null) {
				life.interruptedAt = now;
				this.expected.add(new Action.Interrupt(life.incarnation));
			}
			else {
				life.abandoned = true;
				this.abandonedInAll++;
			}
		}
		else {
			if (life.servingSince != null && fired.heard()) {
				life.beat(fired.lastHeartbeat());
			}
			if (life.servingSince == null || now - life.lastSign() >= this.options.heartbeatTimeout().toNanos()) {
				life.inspected = fired.timer();
				this.expected.add(new Action.Inspect(life.incarnation, fired.timer(), ""));
			}
		}
	}

	private void hearOperator(Signal signal, long now) {
		if (signal instanceof Signal.Begin) {
			if (this.fresh) {
				this.toward = this.word ? Toward.CLEAN : Toward.REST;
				this.fresh = !this.word && !this.options.autoStart();
			}
		}
		else if (signal instanceof Signal.Start) {
			this.word |= mayStart();
			this.toward = mayStart() ? Toward.CLEAN : this.toward;
		}
		else if (signal instanceof Signal.Restart) {
			this.word = true;
			this.toward = this.toward.afterRestart(this.current != null);
			askToClose(now);
		}
		else {
			this.terminated = signal instanceof Signal.Terminate;
			this.word &= this.terminated;
			this.toward = this.terminated ? this.toward.afterTerminate() : Toward.REST;
			this.fresh = false;
			askToClose(now);
		}
	}

	private void askToClose(long now) {
		Life life = this.current;
		if (life != null && !life.isClosing()) {
			life.closeAskedAt = now;
			this.expected
				.add(life.created ? new Action.CloseAside(life.incarnation) : new Action.Interrupt(life.incarnation));
		}
	}

	// What must follow

	/**
	 * Notes how long the pause is that was decided on.
	 * @param decided the delay of a restart after a crash, negative if there is none
	 */
	void pause(long decided, EndpointSnapshot shown) {
		if (this.toward == Toward.REVIVE) {
			this.pause = this.options.restartPolicy().reviveAfter().toNanos();
		}
		else if (decided >= 0) {
			this.pause = decided;
		}
		else if (this.returned && this.toward == Toward.RETRY) {
			this.pause = this.givingUp.delay(shown.lastDecision(), 1);
		}
	}

	/**
	 * What ended with this signal makes way for what comes next.
	 */
	void settle(long now) {
		Life life = this.current;
		if (life != null && (life.abandoned || !life.isAlive())) {
			life.check();
			if (life.abandoned) {
				this.abandoned.add(life);
			}
			this.current = null;
			this.downAt = now;
		}
		boolean pauseIsOver = this.wake || (this.toward == Toward.RETRY && this.pause == 0);
		if (this.current == null && (this.toward.isWished() || (this.toward.waits() && pauseIsOver))) {
			this.restarts += this.toward.countsAsRestart() ? 1 : 0;
			if (this.toward.forgives()) {
				this.givingUp.forgive();
			}
			this.toward = Toward.RUN;
			this.fresh = false;
			this.current = new Life(++this.latest, now);
			this.expected.add(new Action.Launch(this.latest));
		}
	}

	/**
	 * All that was wanted was done: checks every incarnation.
	 */
	void checkLives(long now) {
		if (this.current != null) {
			this.current.noteServing(this.awaitsReady, now);
			this.current.check();
		}
		this.abandoned.forEach(Life::check);
	}

	// Where it must be

	Expected expected() {
		return this.expected;
	}

	TimerBooks timer() {
		return this.timer;
	}

	CrashBooks crashes() {
		return this.crashes;
	}

	/** When the timer shall fire. */
	@Nullable Long due() {
		return (this.current != null) ? this.current.due(this.options) : nextStart();
	}

	@Nullable Long nextStart() {
		return (this.current == null && this.toward.waits()) ? (Long) (this.downAt + this.pause) : null;
	}

	EndpointState state() {
		Life life = this.current;
		if (life != null) {
			return life.isClosing() ? EndpointState.CLOSING
					: (life.servingSince != null) ? EndpointState.SERVING : EndpointState.STARTING;
		}
		return switch (this.toward) {
			case REST -> this.fresh ? EndpointState.REGISTERED : EndpointState.STOPPED;
			case FINISH -> EndpointState.FINISHED;
			case DROP, REVIVE -> EndpointState.DROPPED;
			default -> EndpointState.BACKOFF;
		};
	}

	int errorsInARow() {
		return this.givingUp.inARow();
	}

	long latest() {
		return this.latest;
	}

	long restarts() {
		return this.restarts;
	}

	List<Life> abandoned() {
		return this.abandoned;
	}

	List<Life> bequest() {
		return this.bequest;
	}

	long abandonedInAll() {
		return this.abandonedInAll;
	}

	boolean mayStart() {
		return (this.current != null) ? this.current.isClosing() && this.toward == Toward.REST : this.toward.isDown();
	}

	boolean hasEnded() {
		return this.current == null && (this.toward == Toward.FINISH || this.toward == Toward.DROP);
	}

	boolean isOver() {
		return this.terminated && this.current == null;
	}

}
