package dev.cider.broker;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

import dev.cider.broker.EndpointMachine.Step;
import dev.cider.broker.restart.RestartDecision;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import org.jspecify.annotations.Nullable;

/**
 * Keeps its own books of what was told to a machine and what it wanted, and compares them
 * with the promises of the broker. Shares no logic with the machine.
 */
final class Oracle {

	private final EndpointOptions options;

	private final boolean awaitsReady;

	private final Map<Long, Life> lives = new HashMap<>();

	private long latest;

	private long crashes;

	private long drops;

	private int errorsInARow;

	private long abandonedInAll;

	private boolean terminated;

	/** Where the endpoint is headed, as the oracle reckons from what it heard. */
	private Toward toward = Toward.REST;

	private long restarts;

	private long lastHeartbeat;

	Oracle(EndpointOptions options, boolean contextual) {
		this.options = options;
		this.awaitsReady = contextual && options.startTimeout() != null;
	}

	void check(EndpointMachine before, Signal signal, long now, Step step) {
		hear(before, signal, now);
		boolean crashExpected = isCrash(before, signal);
		noteServing(before, signal, step, now);
		int crashesTold = 0;
		for (Action action : step.actions()) {
			if (action instanceof Action.TellCrash crash) {
				crashesTold++;
				checkCrash(crash.report(), signal, now);
			}
			checkAction(action, now);
		}
		claim(crashesTold == (crashExpected ? 1 : 0), "G6: one report for each crash, and for nothing else");
		checkAbandoned(before, step.machine(), now);
		checkShown(step.machine().shown());
		claim(this.terminated || !step.machine().isOver(), "G11: over after terminate only");
		claim(step.machine().isOver() || !before.isOver(), "G11: over for good");
	}

	private void hear(EndpointMachine before, Signal signal, long now) {
		if (signal instanceof Signal.OfIncarnation of) {
			life(of.incarnation()).hear(signal);
			if (signal instanceof Signal.Returned && life(of.incarnation()).closeAskedAt == null) {
				boolean again = this.options.restartPolicy().mode() == RestartMode.ALWAYS;
				this.toward = again ? Toward.RETRY : Toward.END;
			}
		}
		else if (signal instanceof Signal.OfTimer || this.terminated) {
			return;
		}
		else if (signal instanceof Signal.Begin) {
			this.toward = this.options.autoStart() ? Toward.CLEAN : Toward.REST;
		}
		else if (signal instanceof Signal.Start) {
			this.toward = before.mayStart() ? Toward.CLEAN : this.toward;
		}
		else if (signal instanceof Signal.Restart) {
			boolean down = this.toward == Toward.REVIVE || this.toward == Toward.REST || this.toward == Toward.END
					|| this.toward == Toward.CLEAN;
			Life life = this.lives.get(this.latest);
			boolean leaving = life != null && life.isAlive() && !life.abandoned;
			this.toward = (down && leaving) ? Toward.ANEW
					: down ? Toward.CLEAN : (this.toward == Toward.ANEW) ? Toward.ANEW : Toward.AGAIN;
			askToClose(now);
		}
		else {
			this.terminated = signal instanceof Signal.Terminate;
			boolean dropped = this.toward == Toward.END || this.toward == Toward.REVIVE;
			this.toward = (this.terminated && dropped) ? Toward.END : Toward.REST;
			askToClose(now);
		}
	}

	private void askToClose(long now) {
		Life life = this.lives.get(this.latest);
		if (life != null && life.isAlive() && life.closeAskedAt == null) {
			life.closeAskedAt = now;
		}
	}

	/** G5: a throw before anybody asked for a close is a crash. */
	private boolean isCrash(EndpointMachine before, Signal signal) {
		if (signal instanceof Signal.TimedOut timedOut) {
			// What is about an earlier timer came too late.
			return before.armed() && before.timer() == timedOut.timer();
		}
		if (signal instanceof Signal.CreateFailed failed) {
			return life(failed.incarnation()).closeAskedAt == null;
		}
		return signal instanceof Signal.Threw threw && life(threw.incarnation()).closeAskedAt == null;
	}

	private void noteServing(EndpointMachine before, Signal signal, Step step, long now) {
		if (signal instanceof Signal.TimerFired fired && fired.heard() && fired.timer() == before.timer()) {
			this.lastHeartbeat = fired.lastHeartbeat();
		}
		boolean serves = step.machine().shown().state() == EndpointState.SERVING;
		if (serves && before.shown().state() != EndpointState.SERVING) {
			Life life = life(this.latest);
			claim(life.ready || !this.awaitsReady, "4.5: SERVING only when ready, if that is waited for");
			life.servingSince = now;
			this.lastHeartbeat = now;
		}
	}

	private void checkTimeout(EndpointCrashReport report, Life life, long now) {
		if (report.phase() == CrashPhase.START) {
			claim(life.servingSince == null, "G5: START is before SERVING");
			claim(now - life.launchedAt >= this.options.startTimeout().toNanos(), "G5: START only after its timeout");
		}
		else {
			long since = Math.max(life.servingSince, this.lastHeartbeat);
			claim(report.phase() == CrashPhase.HANG, "G5: what times out while SERVING is a HANG");
			claim(now - since >= this.options.heartbeatTimeout().toNanos(), "G5: HANG only after its timeout");
		}
		life.closeAskedAt = now;
	}

	private void checkCrash(EndpointCrashReport report, Signal signal, long now) {
		Life life = life(report.incarnation());
		if (signal instanceof Signal.TimedOut) {
			checkTimeout(report, life, now);
		}
		else {
			claim(report.phase() == (life.served ? CrashPhase.SERVE : CrashPhase.CREATE), "phase");
		}
		this.crashes++;
		RestartPolicy policy = this.options.restartPolicy();
		long servedNanos = (life.servingSince != null) ? now - life.servingSince : 0;
		boolean good = servedNanos > policy.errorWindow().toNanos();
		this.errorsInARow = good ? 0 : this.errorsInARow + 1;
		boolean tooMany = policy.allowedConsecutiveErrors() != RestartPolicy.UNLIMITED
				&& this.errorsInARow >= policy.allowedConsecutiveErrors();
		boolean fatal = "fatal".equals(report.error().getMessage());
		boolean drop = fatal || policy.mode() == RestartMode.NEVER || (!good && tooMany);
		this.drops += drop ? 1 : 0;
		boolean revives = policy.reviveAfter() != null && !fatal && policy.mode() != RestartMode.NEVER;
		this.toward = (drop && revives) ? Toward.REVIVE : drop ? Toward.END : Toward.RETRY;
		claim(report.dropped() == drop, "4.3: " + report + " should have dropped=" + drop);
		claim(report.consecutiveErrors() == this.errorsInARow, "4.3: errors in a row are " + this.errorsInARow);
		claim(report.served().equals(Duration.ofNanos(servedNanos)), "4.3: served is " + servedNanos);
		if (report.decision() instanceof RestartDecision.Restart restart) {
			Duration least = policy.backoff().delay();
			Duration most = policy.backoff().maxDelay();
			claim(restart.delay().compareTo(least) >= 0 && restart.delay().compareTo(most) <= 0,
					"4.3: the delay lies between delay and maxDelay");
		}
	}

	private void checkAction(Action action, long now) {
		if (action instanceof Action.Launch launch) {
			claim(launch.incarnation() == this.latest + 1, "G1: incarnations are numbered 1, 2, 3…");
			claim(this.toward != Toward.REST && this.toward != Toward.END, "G8: nothing is launched unasked");
			this.lives.values()
				.forEach((life) -> claim(!life.isAlive() || life.abandoned || life.abandonedIn(now, this.options),
						"G4: one live incarnation at a time"));
			boolean revival = this.toward == Toward.REVIVE;
			boolean clean = this.toward == Toward.CLEAN || this.toward == Toward.ANEW || revival;
			this.errorsInARow = clean ? 0 : this.errorsInARow;
			this.restarts += (this.toward == Toward.CLEAN || revival) ? 0 : 1;
			this.toward = Toward.RUN;
			this.latest++;
			this.lives.put(this.latest, new Life(now));
		}
		else if (action instanceof Action.Serve serve) {
			Life life = life(serve.incarnation());
			claim(life.created && !life.served, "G2: served once, and only what was created");
			claim(life.closeAskedAt == null, "G8: what was to be stopped is never served");
			life.served = true;
		}
		else if (action instanceof Action.Close || action instanceof Action.CloseAside) {
			Life life = life(((Action.OnIncarnation) action).incarnation());
			claim(life.created, "G3: only what was created is closed");
			claim(++life.closes == 1, "G3: closed once");
			if (life.closeAskedAt == null) {
				life.closeAskedAt = now;
			}
		}
	}

	private void checkAbandoned(EndpointMachine before, EndpointMachine after, long now) {
		for (Run run : after.abandoned()) {
			Life life = life(run.incarnation());
			if (!life.abandoned) {
				life.abandoned = true;
				this.abandonedInAll++;
				claim(life.abandonedIn(now, this.options), "G10: abandoned after both waits, not before");
			}
			claim(life.isAlive(), "G10: what is counted as abandoned lives");
		}
		long living = this.lives.values().stream().filter((life) -> life.abandoned && life.isAlive()).count();
		claim(after.shown().abandoned() == living, "G10: all that is abandoned and lives is counted");
	}

	private void checkShown(EndpointSnapshot to) {
		claim(to.incarnation() == this.latest && to.starts() == this.latest, "G12: incarnation and starts");
		claim(to.crashes() == this.crashes && to.drops() == this.drops, "G12: crashes and drops");
		claim(to.restarts() == this.restarts, "G12: restarts");
		Life life = this.lives.get(this.latest);
		boolean lives = life != null && life.isAlive() && !life.abandoned;
		boolean shownAlive = switch (to.state()) {
			case STARTING, SERVING, CLOSING -> true;
			case REGISTERED, BACKOFF, FINISHED, DROPPED, STOPPED -> false;
		};
		claim(lives == shownAlive, "G12: " + to.state() + " while the incarnation " + (lives ? "lives" : "is gone"));
		boolean waits = to.state() == EndpointState.BACKOFF
				|| (to.state() == EndpointState.DROPPED && this.toward == Toward.REVIVE);
		claim((to.nextStart() != null) == waits, "nextStart in BACKOFF and before a revival, and only there");
	}

	void checkTheEnd(EndpointMachine machine) {
		claim(machine.isOver(), "G11: it is over in the end");
		claim(machine.run() == null && machine.abandoned().isEmpty(), "nothing is left in the end");
		this.lives.forEach((number, life) -> {
			claim(!life.created || life.closes == 1, "G3: incarnation " + number + " was closed once");
			claim(!life.isAlive(), "incarnation " + number + " has ended");
		});
	}

	long abandonedInAll() {
		return this.abandonedInAll;
	}

	private Life life(long incarnation) {
		return Objects.requireNonNull(this.lives.get(incarnation), "no such incarnation");
	}

	private static void claim(boolean holds, String promise) {
		if (!holds) {
			throw new AssertionError(promise);
		}
	}

	/** Where an endpoint is headed. */
	private enum Toward {

		/** Stays down: never started, or stopped. */
		REST,

		/** Stays down: finished or dropped. */
		END,

		/** Dropped, and comes up by itself. */
		REVIVE,

		/** Comes up by itself. */
		RETRY,

		/** Comes up because an operator replaces what ran. */
		AGAIN,

		/** Comes up because an operator restarts what was on its way down. */
		ANEW,

		/** Comes up because an operator starts what was down. */
		CLEAN,

		/** Is up. */
		RUN

	}

	/** What the oracle knows of one incarnation. */
	private static final class Life {

		private boolean created;

		private final long launchedAt;

		private boolean served;

		private boolean ready;

		private @Nullable Long servingSince;

		private boolean bodyOver;

		private int closes;

		private boolean closed;

		private @Nullable Long closeAskedAt;

		private boolean abandoned;

		Life(long launchedAt) {
			this.launchedAt = launchedAt;
		}

		void hear(Signal signal) {
			if (signal instanceof Signal.Created) {
				this.created = true;
			}
			else if (signal instanceof Signal.Ready) {
				this.ready = true;
			}
			else if (signal instanceof Signal.Closed) {
				this.closed = true;
			}
			else {
				this.bodyOver = true;
			}
		}

		boolean isAlive() {
			boolean bodyLives = !this.bodyOver && !(this.created && this.closes > 0 && !this.served);
			return bodyLives || (this.closes > 0 && !this.closed);
		}

		boolean abandonedIn(long now, EndpointOptions options) {
			long timeout = options.closeTimeout().toNanos();
			return this.closeAskedAt != null && now - this.closeAskedAt >= timeout + Math.min(timeout, 1_000_000_000L);
		}

	}

}
