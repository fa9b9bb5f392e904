package dev.cider.broker;

import dev.cider.broker.restart.RestartDecision;
import org.jspecify.annotations.Nullable;

import static dev.cider.broker.OracleClaim.claim;

/**
 * An oracle's books of one endpoint: from what it was told alone, where it must be and
 * what must be done.
 */
final class OracleEndpointBooks {

	private final EndpointOptions options;

	private final boolean awaitsReady;

	private final OracleExpectation expected = new OracleExpectation();

	private final OracleTimerBooks timer = new OracleTimerBooks();

	private final OracleRestartRule givingUp;

	private final OracleCrashBooks crashes;

	private @Nullable OracleIncarnationBooks current;

	private final OracleAbandonedBooks abandoned;

	private final OracleCourse course;

	private final OracleAdmissionBooks admission;

	/** The latest exit was an error. */
	private boolean erred;

	/** The timer that an endpoint in a pause waits for has fired. */
	private boolean wake;

	private boolean returned;

	private long downAt;

	private long crashedAt;

	/** When the state began that this signal led to, if that was before it. */
	private @Nullable Long movedAt;

	private long pause;

	private long latest;

	OracleEndpointBooks(EndpointOptions options, boolean contextual, boolean gated,
			@Nullable OracleEndpointBooks earlier) {
		this.options = options;
		this.awaitsReady = contextual && (options.startTimeout() != null || options.explicitReady());
		this.givingUp = new OracleRestartRule(options.restartPolicy());
		this.abandoned = new OracleAbandonedBooks((earlier != null) ? earlier.abandoned : null);
		this.crashes = new OracleCrashBooks(this.givingUp, (earlier != null) ? earlier.crashes : null);
		this.course = new OracleCourse(options.autoStart(), (earlier != null) ? earlier.course : null);
		this.latest = (earlier != null) ? earlier.latest : 0;
		this.admission = new OracleAdmissionBooks(gated);
	}

	// What was heard

	/**
	 * Notes what the machine is told.
	 */
	void hear(Signal signal, long now) {
		this.expected.clear();
		this.admission.clear();
		this.wake = false;
		this.returned = false;
		this.movedAt = null;
		if (signal instanceof Signal.OfIncarnation of) {
			OracleIncarnationBooks life = find(of.incarnation());
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
			OracleIncarnationBooks life = this.current;
			if (life != null && !life.isClosing() && life.inspected == timedOut.timer() && !this.course.isAnnounced()
					&& life.isSilentStill(timedOut, this.options, now)) {
				crash(life, (life.servingSince != null) ? CrashPhase.HANG : CrashPhase.START, timedOut.failure(),
						timedOut.noticed());
				claim(timedOut.noticed() == life.inspectedAt, "G16: a hang is timed when it is noticed");
				askToClose(now);
			}
		}
		else if (signal instanceof Signal.HandOver) {
			this.abandoned.handOver();
		}
		else if (signal instanceof Signal.TakeOver takeOver) {
			this.abandoned.takeOver(takeOver.abandoned());
		}
		else if (signal instanceof Signal.AnnounceTermination) {
			announce(signal);
		}
		else if (signal instanceof Signal.Answer answer) {
			if (this.admission.hear(answer)) {
				this.givingUp.takeBack();
			}
		}
		else if (signal instanceof Signal.Evict eviction) {
			evict(eviction, now);
		}
		else if (this.course.hear(signal, this.current != null, obeysStart())) {
			askToClose(now);
			if (signal instanceof Signal.Restart && this.course.toward().needsAdmission()) {
				this.admission.askForAnOperator();
			}
		}
	}

	/** What closes leaves in any case, and what an operator wants then holds. */
	private void evict(Signal.Evict eviction, long now) {
		OracleIncarnationBooks life = this.current;
		if (life != null && life.incarnation == eviction.incarnation() && !life.isClosing()
				&& !this.course.isAnnounced()) {
			this.course.evict();
			askToClose(now);
		}
	}

	private void announce(Signal announcement) {
		boolean before = this.course.isAnnounced();
		this.course.hear(announcement, this.current != null, obeysStart());
		if (!before && this.course.isAnnounced() && this.current != null && !this.current.isClosing()) {
			this.expected.add(new Action.AnnounceInside(this.current.incarnation));
		}
	}

	@Nullable OracleIncarnationBooks find(long incarnation) {
		if (this.current != null && this.current.incarnation == incarnation) {
			return this.current;
		}
		return this.abandoned.find(incarnation);
	}

	private void hear(OracleIncarnationBooks life, Signal.OfIncarnation signal, long now) {
		long n = life.incarnation;
		if (signal instanceof Signal.Ready) {
			life.ready = true;
		}
		else if (signal instanceof Signal.AwaitsEnd awaits) {
			life.bodyAwaitsEnd |= awaits.body();
			life.closeAwaitsEnd |= life.created && life.isClosing()
					&& (awaits.close() || (awaits.body() && life.hasServed()));
		}
		else if (signal instanceof Signal.AwaitsEndNoMore returned) {
			life.bodyAwaitsEnd &= !returned.body();
			life.closeAwaitsEnd &= !(returned.close() || (returned.body() && life.hasServed()));
		}
		else if (signal instanceof Signal.Closed) {
			life.closed = true;
		}
		else if (signal instanceof Signal.InnerChanged changed) {
			life.inner = changed.inner().abandoned();
			life.innerCloses = changed.inner().closing();
		}
		else if (signal instanceof Signal.Created) {
			life.created = true;
			this.expected.add(life.isClosing() ? new Action.Close(n) : new Action.Serve(n));
			if (!life.isClosing() && this.course.isAnnounced()) {
				this.expected.add(new Action.AnnounceInside(n));
			}
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
		if (life.abandoned) {
			this.abandoned.settle(life);
		}
	}

	/** By itself, before anybody asked for a close. */
	private void exit(OracleIncarnationBooks life, Signal.OfIncarnation signal, long now) {
		if (this.course.isAnnounced()) {
			exitAfterAnnouncement(life, signal, now);
			return;
		}
		if (signal instanceof Signal.CreateFailed failed) {
			crash(life, CrashPhase.CREATE, failed.failure(), failed.exited());
			return;
		}
		if (signal instanceof Signal.Threw threw) {
			crash(life, CrashPhase.SERVE, threw.failure(), threw.exited());
		}
		else {
			this.returned = true;
			this.erred = false;
			this.course.turn(this.givingUp.restartsAfterReturn() ? OracleTarget.RETRY : OracleTarget.FINISH);
		}
		life.askToClose(now);
		this.expected.add(new Action.Close(life.incarnation));
	}

	/** G5: decided by the broker's own state, not by what was thrown. */
	private void exitAfterAnnouncement(OracleIncarnationBooks life, Signal.OfIncarnation signal, long now) {
		long n = life.incarnation;
		boolean finishes = signal instanceof Signal.Returned && !this.givingUp.restartsAfterReturn();
		this.returned = finishes;
		this.course.turn(finishes ? OracleTarget.FINISH : OracleTarget.REST);
		if (signal instanceof Signal.CreateFailed failed) {
			this.expected.add(new Action.Excuse(n, failed.failure()));
			return;
		}
		if (signal instanceof Signal.Threw threw) {
			this.expected.add(new Action.Excuse(n, threw.failure()));
		}
		life.askToClose(now);
		this.expected.add(new Action.Close(n));
	}

	private void crash(OracleIncarnationBooks life, CrashPhase phase, Failure failure, long exited) {
		long served = (life.servingSince != null) ? Math.max(0, exited - life.servingSince) : 0;
		long began = (life.servingSince != null) ? life.servingSince : life.launchedAt;
		this.crashedAt = Math.max(exited, began);
		boolean drop = this.crashes.crash(life.incarnation, phase, failure, served, this.crashedAt);
		this.erred = this.givingUp.inARow() > 0;
		this.movedAt = (phase == CrashPhase.SERVE) ? this.crashedAt : null;
		boolean revives = this.givingUp.revives(failure.fatal());
		this.course.turn(!drop ? OracleTarget.RETRY : revives ? OracleTarget.REVIVE : OracleTarget.DROP);
	}

	private void obey(Signal.TimerFired fired, long now) {
		OracleIncarnationBooks life = this.current;
		if (life == null) {
			claim(now >= nextStart(), "G16: the pause is over");
			this.wake = true;
		}
		else if (life.isClosing() && life.innerCloses) {
			life.waitForInner(now);
		}
		else if (life.isOverdue(fired, this.options, now)) {
			actOnOverdue(life, fired, now);
		}
	}

	private void actOnOverdue(OracleIncarnationBooks life, Signal.TimerFired fired, long now) {
		if (life.isClosing()) {
			if (life.interruptedAt == null) {
				life.interrupt(now);
				this.expected.add(new Action.Interrupt(life.incarnation));
			}
			else if (this.options.replaceAbandoned() || this.course.isTerminated()) {
				life.abandoned = true;
			}
			else {
				life.overdue = true;
			}
		}
		else {
			life.inspected = fired.timer();
			life.inspectedAt = now;
			this.expected.add(new Action.Inspect(life.incarnation, fired.timer(), 0, ""));
		}
	}

	private void askToClose(long now) {
		OracleIncarnationBooks life = this.current;
		if (life != null && life.overdue) {
			life.abandoned = true;
		}
		else if (life != null && !life.isClosing()) {
			life.askToClose(now);
			if (life.created) {
				this.expected.add(new Action.CloseAside(life.incarnation));
			}
			else if (!life.bodyAwaitsEnd) {
				this.expected.add(new Action.Interrupt(life.incarnation));
			}
		}
	}

	// What must follow

	/**
	 * Notes how long the pause is that was decided on.
	 * @param decided the delay of a restart after a crash, negative if there is none
	 */
	void pause(long decided, EndpointSnapshot shown) {
		if (this.course.toward() == OracleTarget.REVIVE) {
			this.pause = this.options.restartPolicy().reviveAfter().toNanos();
		}
		else if (decided >= 0) {
			this.pause = decided;
		}
		else if (this.returned && this.course.toward() == OracleTarget.RETRY) {
			this.pause = this.givingUp.delay(shown.lastDecision(), 1);
		}
		else if (this.returned) {
			claim(shown.lastDecision() instanceof RestartDecision.Finish, "G7: decides to finish");
		}
	}

	/**
	 * What ended with this signal makes way for what comes next.
	 */
	void settle(long now) {
		OracleIncarnationBooks life = this.current;
		if (life != null && life.isAlive() && this.course.isTerminated() && life.onlyAwaitsEnd()) {
			life.abandoned = true;
		}
		if (life != null && (life.abandoned || !life.isAlive())) {
			life.check();
			life.abandoned |= life.inner > 0;
			if (life.abandoned) {
				this.abandoned.add(life);
			}
			this.current = null;
			this.downAt = now;
		}
		OracleTarget toward = this.course.toward();
		boolean pauseIsOver = this.wake || (toward == OracleTarget.RETRY && this.pause == 0);
		boolean comesUp = this.current == null && (toward.isWished() || (toward.waits() && pauseIsOver));
		if (comesUp && toward.forgives()) {
			this.givingUp.forgive();
		}
		if (comesUp && this.admission.isGated()) {
			this.course.comesToAGate();
			this.admission.ask(this.course.wasAsked(), toward == OracleTarget.RETRY && this.erred);
		}
		else if (comesUp || this.admission.isAdmitted()) {
			this.course.launched();
			this.current = new OracleIncarnationBooks(++this.latest, now);
			this.expected.add(new Action.Launch(this.latest));
		}
		else if (!toward.needsAdmission()) {
			this.admission.giveUp();
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
		this.abandoned.living().forEach(OracleIncarnationBooks::check);
	}

	// Where it must be

	OracleExpectation expected() {
		return this.expected;
	}

	OracleAdmissionBooks admission() {
		return this.admission;
	}

	boolean isOverdue() {
		return this.current != null && this.current.overdue;
	}

	OracleTimerBooks timer() {
		return this.timer;
	}

	OracleCrashBooks crashes() {
		return this.crashes;
	}

	/** When the timer shall fire. */
	@Nullable Long due() {
		Long next = nextStart();
		if (this.current != null && this.course.isAnnounced() && !this.current.isClosing()) {
			return null;
		}
		return (this.current != null) ? this.current.due(this.options)
				: (next != null) ? (Long) Math.max(this.downAt, next) : null;
	}

	@Nullable Long nextStart() {
		long from = (this.course.toward() == OracleTarget.REVIVE) ? this.crashedAt : this.downAt;
		return (this.current == null && this.course.toward().waits()) ? (Long) (from + this.pause) : null;
	}

	EndpointState state() {
		return (this.current != null) ? this.current.state() : this.course.down();
	}

	/** When the state began that the last signal led to. */
	long movedAt(long now) {
		return (this.movedAt != null) ? this.movedAt : now;
	}

	int errorsInARow() {
		return this.givingUp.inARow();
	}

	long latest() {
		return this.latest;
	}

	long restarts() {
		return this.course.restarts();
	}

	/** How many live that were given up on, here or inside. */
	int abandonedCount() {
		OracleIncarnationBooks life = this.current;
		return this.abandoned.count() + ((life == null) ? 0 : life.overdue ? life.count() : life.inner);
	}

	OracleAbandonedBooks abandoned() {
		return this.abandoned;
	}

	boolean mayStart() {
		return obeysStart() && (this.current == null || !this.current.overdue);
	}

	/** A start that was accepted before the incarnation was overdue may come after. */
	private boolean obeysStart() {
		return (this.current != null) ? this.current.isClosing() && this.course.toward() == OracleTarget.REST
				: this.course.toward().isDown();
	}

	boolean hasEnded() {
		return this.current == null && this.course.toward().isEnd();
	}

	boolean isOver() {
		return this.course.isTerminated() && this.current == null;
	}

}
