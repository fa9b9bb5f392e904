package dev.cider.broker;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import dev.cider.broker.EndpointMachine.Step;
import org.jspecify.annotations.Nullable;

import static dev.cider.broker.Promise.claim;

/**
 * Keeps its own books of what a machine was told, and knows from them alone what must
 * follow. Shares no logic with the machine.
 */
final class EndpointOracle {

	private final EndpointOptions options;

	private final boolean awaitsReady;

	private final @Nullable EndpointOracle earlier;

	private final Expected expected = new Expected();

	private final TimerBooks timer = new TimerBooks();

	private final GivingUp givingUp;

	/** Crash reports, compared one by one. */
	private final CrashBooks crashBooks;

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

	private boolean passesOn;

	private long downAt;

	private long pause;

	private long latest;

	private long restarts;

	private long abandonedInAll;

	EndpointOracle(EndpointOptions options, boolean contextual, @Nullable EndpointOracle earlier) {
		this.options = options;
		this.awaitsReady = contextual && options.startTimeout() != null;
		this.givingUp = new GivingUp(options.restartPolicy());
		this.earlier = earlier;
		this.crashBooks = new CrashBooks(this.givingUp, (earlier != null) ? earlier.crashBooks : null);
		this.word = (earlier != null) ? earlier.word : options.autoStart();
		this.latest = (earlier != null) ? earlier.latest : 0;
		this.restarts = (earlier != null) ? earlier.restarts : 0;
	}

	void check(EndpointMachine before, Signal signal, long now, Step step) {
		this.expected.clear();
		this.wake = false;
		this.returned = false;
		this.passesOn = false;
		hear(signal, now);
		judge(step, now);
		settle(now);
		step.actions().forEach((action) -> check(action, now));
		if (this.current != null) {
			this.current.noteServing(this.awaitsReady, now);
			this.current.check();
		}
		this.abandoned.forEach(Life::check);
		this.expected.checkThatAllWasDone();
		this.timer.check(due());
		checkShown(step.machine(), now);
		checkChange(before.shown(), step);
	}

	// What was heard

	private void hear(Signal signal, long now) {
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
			this.passesOn = true;
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

	private @Nullable Life find(long incarnation) {
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
		boolean drop = this.crashBooks.crash(life.incarnation, phase, failure, served);
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

	private void judge(Step step, long now) {
		long delay = this.crashBooks.check(step, now);
		if (this.toward == Toward.REVIVE) {
			this.pause = this.options.restartPolicy().reviveAfter().toNanos();
		}
		else if (delay >= 0) {
			this.pause = delay;
		}
		else if (this.returned && this.toward == Toward.RETRY) {
			this.pause = this.givingUp.delay(step.machine().shown().lastDecision(), 1);
		}
	}

	private void settle(long now) {
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

	private void check(Action action, long now) {
		this.timer.note(action, now);
		if (action instanceof Action.OnIncarnation on) {
			Life life = find(on.incarnation());
			if (life != null) {
				life.note(on);
			}
			this.expected.strike(on);
		}
		else if (action instanceof Action.PassOn passOn) {
			claim(this.passesOn && passOn.abandoned().size() == this.bequest.size(),
					"5.3: what was abandoned is passed on");
			this.passesOn = false;
		}
	}

	/** When the timer shall fire. */
	private @Nullable Long due() {
		Life life = this.current;
		if (life == null) {
			return this.toward.waits() ? (Long) (this.downAt + this.pause) : null;
		}
		long closeTimeout = this.options.closeTimeout().toNanos();
		if (life.interruptedAt != null) {
			return life.interruptedAt + Math.min(closeTimeout, 1_000_000_000L);
		}
		if (life.isClosing()) {
			return life.closeAskedAt + closeTimeout;
		}
		if (life.inspected != 0) {
			return null;
		}
		if (life.servingSince != null) {
			return (this.options.heartbeatTimeout() != null)
					? (Long) (life.lastSign() + this.options.heartbeatTimeout().toNanos()) : null;
		}
		return (this.options.startTimeout() != null) ? (Long) (life.launchedAt + this.options.startTimeout().toNanos())
				: null;
	}

	private EndpointState state() {
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

	private void checkShown(EndpointMachine machine, long now) {
		EndpointSnapshot shown = machine.shown();
		claim(!this.passesOn, "5.3: what was abandoned is passed on (missing)");
		claim(shown.state() == state(), "G12: shows the state it is in");
		claim(shown.incarnation() == this.latest && shown.starts() == this.latest, "G1: numbered 1, 2, 3…");
		claim(shown.restarts() == this.restarts, "G12: restarts");
		claim(this.crashBooks.agreeWith(shown), "G12: crashes, drops and the last crash");
		claim(shown.consecutiveErrors() == this.givingUp.inARow(), "4.3: errors in a row");
		claim(shown.abandoned() == this.abandoned.size(), "G10: all that is abandoned and lives is counted");
		Instant nextStart = (this.current == null && this.toward.waits())
				? Instant.EPOCH.plusNanos(this.downAt + this.pause) : null;
		claim((nextStart != null) ? nextStart.equals(shown.nextStart()) : shown.nextStart() == null,
				"4.1: nextStart in BACKOFF and before a revival, and only there");
	}

	private static void checkChange(EndpointSnapshot from, Step step) {
		EndpointSnapshot to = step.machine().shown();
		boolean changed = from.state() != to.state() || from.incarnation() != to.incarnation()
				|| from.abandoned() != to.abandoned();
		int told = 0;
		for (Action action : step.actions()) {
			if (action instanceof Action.TellChange tell) {
				told++;
				claim(tell.change().from() == from && tell.change().to() == to, "G13: told what changed");
			}
		}
		claim(told == (changed ? 1 : 0), "G13: told once of every change, and of nothing else");
	}

	// For the broker's oracle and the world

	boolean mayStart() {
		return (this.current != null) ? this.current.isClosing() && this.toward == Toward.REST : this.toward.isDown();
	}

	boolean hasEnded() {
		return this.current == null && (this.toward == Toward.FINISH || this.toward == Toward.DROP);
	}

	boolean isOver() {
		return this.terminated && this.current == null;
	}

	/** What lives though nobody waits for it. */
	List<Life> abandoned() {
		return this.abandoned;
	}

	long abandonedInAll() {
		return this.abandonedInAll;
	}

	long drops() {
		return this.crashBooks.drops();
	}

}
