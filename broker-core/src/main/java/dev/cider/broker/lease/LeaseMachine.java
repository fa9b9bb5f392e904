package dev.cider.broker.lease;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

import dev.cider.broker.lease.LeaseAction.Admit;
import dev.cider.broker.lease.LeaseAction.Arm;
import dev.cider.broker.lease.LeaseAction.Bar;
import dev.cider.broker.lease.LeaseAction.CloseNow;
import dev.cider.broker.lease.LeaseAction.CompareAndSet;
import dev.cider.broker.lease.LeaseAction.Overrun;
import dev.cider.broker.lease.LeaseAction.Read;
import dev.cider.broker.lease.LeaseSignal.Abandoned;
import dev.cider.broker.lease.LeaseSignal.Asked;
import dev.cider.broker.lease.LeaseSignal.Ended;
import dev.cider.broker.lease.LeaseSignal.Failed;
import dev.cider.broker.lease.LeaseSignal.LoadChanged;
import dev.cider.broker.lease.LeaseSignal.StepDown;
import dev.cider.broker.lease.LeaseSignal.TimerFired;
import dev.cider.broker.lease.LeaseSignal.WasCompared;
import dev.cider.broker.lease.LeaseSignal.WasRead;
import dev.cider.broker.lease.LeaseSignal.Withdrawn;
import org.jspecify.annotations.Nullable;

/**
 * The lease of one endpoint as one node sees it: decides when the endpoint may launch
 * here and when it must close. Uses no thread, lock, clock or store, so that tests can
 * simulate it.
 * <p>
 * Does not change: each signal makes another machine. So when memory runs out inside
 * {@link #on}, the caller can tell the same signal again.
 */
final class LeaseMachine implements Cloneable {

	private final LeaseSettings settings;

	private final LeaseTiming timing;

	// The endpoint

	/** Which question waits for an answer; 0 for none. */
	private long question;

	/** To which question something was admitted that still lives; 0 for none. */
	private long admitted;

	/** Whether what lives did not close in time. */
	private boolean abandoned;

	/** Whether what lives was told to close. */
	private boolean closing;

	/** What the question was last answered with. */
	private @Nullable String barred;

	// The lease

	private boolean held;

	/** Whether it is to be released once nothing lives any more. */
	private boolean leaving;

	/**
	 * Whether it may have been released already: another node may take it at once. Only a
	 * later change makes sure that it was not.
	 */
	private boolean released;

	/** Whether that is because an operator wants the endpoint elsewhere. */
	private boolean stepsDown;

	/** Whether it may only run out: something was abandoned under it. */
	private boolean runsOut;

	private long validUntil;

	private long closesAt;

	private @Nullable Instant renewed;

	/** The fencing token under which this node holds it. */
	private long token;

	/** The highest token that this node has ever seen. */
	private long highestToken;

	/** The last beat that this node has used. None is used twice. */
	private long beat;

	private int load;

	/** After a step-down others come first, until then. */
	private boolean resting;

	private long restsUntil;

	// The text

	/** Whether what was seen last may have been replaced by a change of this node. */
	private boolean stale = true;

	/** Whether the text was ever read. */
	private boolean known;

	private @Nullable String raw;

	/** What was read last; {@code null} if there was none, or a damaged one. */
	private @Nullable LeaseText seen;

	/** When it was seen first. */
	private long seenAt;

	/** The last text before there was none. */
	private @Nullable LeaseText vanished;

	private @Nullable String damage;

	/** Whether the store has said that it has another text. */
	private boolean refused;

	// Calls

	private long calls;

	/** The call that reads; 0 for none. */
	private long reading;

	private long readStarted;

	private boolean readOverdue;

	/** Whether this node changed the text during the read. */
	private boolean readIsOld;

	/** The call that changes the text; 0 for none. */
	private long comparing;

	private long compareStarted;

	private @Nullable Instant compareShown;

	private boolean compareOverdue;

	/** What the last change would write, until it is known whether it has. */
	private @Nullable LeaseText attempt;

	private @Nullable String failure;

	private long nextCall;

	// The timer

	private long timer;

	private boolean armed;

	private long armedFor;

	// The step: used only while it is made

	private List<LeaseAction> actions = List.of();

	private long now;

	private Instant shown = Instant.EPOCH;

	LeaseMachine(LeaseSettings settings, LeaseTiming timing) {
		this.settings = settings;
		this.timing = timing;
	}

	/**
	 * What a signal leads to.
	 * @param signal what happened
	 * @param now when, as of {@link System#nanoTime()}
	 * @param shown when, for display only
	 */
	LeaseStep on(LeaseSignal signal, long now, Instant shown) {
		LeaseMachine next = copy();
		List<LeaseAction> actions = new ArrayList<>(4);
		next.actions = actions;
		next.now = now;
		next.shown = shown;
		// First what time has done: this may be the first step after a pause.
		next.expire();
		next.take(signal);
		next.expire();
		next.answer();
		next.call();
		next.arm();
		next.actions = List.of();
		return new LeaseStep(next, actions);
	}

	private LeaseMachine copy() {
		try {
			return (LeaseMachine) clone();
		}
		catch (CloneNotSupportedException ex) {
			throw new IllegalStateException("LeaseMachine is Cloneable", ex);
		}
	}

	/** Whether this node is the holder, and nobody else can be. */
	boolean isValid(long at) {
		return this.held && !this.released && at - this.validUntil < 0;
	}

	/** Whether the text in the store may be this node's, valid or not. */
	boolean isHeld() {
		return this.held;
	}

	private boolean isDue(long time) {
		return this.now - time >= 0;
	}

	private void take(LeaseSignal signal) {
		if (signal instanceof Asked asked) {
			asked(asked.question());
		}
		else if (signal instanceof Withdrawn) {
			withdrawn();
		}
		else if (signal instanceof Ended ended) {
			ended(ended.question());
		}
		else if (signal instanceof Abandoned left) {
			abandoned(left.question());
		}
		else if (signal instanceof StepDown) {
			stepDown();
		}
		else if (signal instanceof LoadChanged changed) {
			this.load = changed.load();
		}
		else if (signal instanceof WasRead read) {
			wasRead(read);
		}
		else if (signal instanceof WasCompared compared) {
			wasCompared(compared);
		}
		else if (signal instanceof Failed failed) {
			failed(failed);
		}
		else if (signal instanceof TimerFired fired && fired.timer() == this.timer) {
			this.armed = false;
		}
	}

	// The endpoint

	private void asked(long question) {
		boolean idle = this.question == 0;
		this.question = question;
		this.barred = null;
		if (this.held) {
			// It may have been withdrawn for a moment only.
			this.leaving = this.stepsDown;
		}
		else if (idle) {
			callSoon();
		}
	}

	private void withdrawn() {
		this.question = 0;
		if (this.held) {
			this.leaving = true;
			releaseIfNothingLives();
		}
	}

	private void ended(long question) {
		if (question != this.admitted) {
			return;
		}
		this.admitted = 0;
		this.abandoned = false;
		this.closing = false;
		releaseIfNothingLives();
		if (!this.held && this.question != 0) {
			callSoon();
		}
	}

	private void abandoned(long question) {
		if (question == this.admitted && !this.abandoned) {
			this.abandoned = true;
			this.runsOut = this.held;
			this.leaving = false;
			this.stepsDown = false;
			this.actions.add(new Overrun(question, "did not close in time and was abandoned: its lease is left to "
					+ "run out, and it is not replaced here while it lives"));
		}
	}

	private void stepDown() {
		if (this.held && !this.runsOut) {
			this.leaving = true;
			this.stepsDown = true;
			closeNow("an operator wants it on another node");
			releaseIfNothingLives();
		}
	}

	private void releaseIfNothingLives() {
		if (isReleasing()) {
			this.nextCall = this.now;
		}
	}

	private void closeNow(String why) {
		if (this.admitted != 0 && !this.closing && !this.abandoned) {
			this.actions.add(new CloseNow(this.admitted, why));
			this.closing = true;
		}
	}

	/** Admits the endpoint, or bars it. */
	private void answer() {
		if (this.question == 0 || this.admitted != 0) {
			return;
		}
		if (this.held && !this.leaving && !this.released && !this.runsOut && !isDue(this.closesAt)) {
			this.actions.add(new Admit(this.question, this.token));
			this.admitted = this.question;
			this.question = 0;
			this.closing = false;
			return;
		}
		String why = whyBarred();
		if (!why.equals(this.barred)) {
			this.actions.add(new Bar(this.question, why));
			this.barred = why;
		}
	}

	private String whyBarred() {
		if (this.held) {
			if (this.runsOut) {
				return "the lease, which is left to run out: what ran under it was abandoned";
			}
			return (this.leaving || this.released) ? "the lease, which is being released for another node"
					: "the lease, which could not be renewed since " + sinceRenewal();
		}
		if (this.damage != null) {
			return "the lease, whose text cannot be used: " + this.damage;
		}
		if (this.seen == null || this.seen.holder() == null || this.seen.holder().equals(this.settings.node())) {
			return (this.failure != null) ? "the lease, whose store cannot be reached (" + this.failure + ")"
					: "the lease";
		}
		return "the lease, which " + this.seen.holder() + " has, with token " + this.seen.token();
	}

	private String sinceRenewal() {
		String since = String.valueOf((this.renewed != null) ? this.renewed.truncatedTo(ChronoUnit.SECONDS) : null);
		return (this.failure != null) ? since + " (" + this.failure + ")" : since;
	}

	// Time

	private void expire() {
		if (this.held && isDue(this.validUntil)) {
			if (this.admitted != 0 && !this.abandoned) {
				this.actions.add(new Overrun(this.admitted, "still runs although its lease has run out: it could not "
						+ "be renewed since " + sinceRenewal()));
			}
			closeNow("the lease has run out and could not be renewed since " + sinceRenewal() + ": closing");
			lose();
		}
		else if (this.held && isDue(this.closesAt)) {
			closeNow("the lease runs out in " + inSeconds(this.validUntil - this.now)
					+ " and could not be renewed since " + sinceRenewal() + ": closing");
		}
		if (isReadLate()) {
			this.readOverdue = true;
			outcomeIsUnknown("no answer within " + inSeconds(this.settings.storeTimeout().toNanos()), this.now);
		}
		if (isCompareLate()) {
			this.compareOverdue = true;
			outcomeIsUnknown("no answer within " + inSeconds(this.settings.storeTimeout().toNanos()), this.now);
		}
	}

	private static String inSeconds(long nanos) {
		Duration left = Duration.ofNanos(nanos);
		return (left.toSeconds() > 0) ? left.toSeconds() + " s" : left.toMillis() + " ms";
	}

	private boolean isReadLate() {
		return this.reading != 0 && !this.readOverdue
				&& isDue(this.readStarted + this.settings.storeTimeout().toNanos());
	}

	private boolean isCompareLate() {
		return this.comparing != 0 && !this.compareOverdue
				&& isDue(this.compareStarted + this.settings.storeTimeout().toNanos());
	}

	/** The lease is not this node's any more. */
	private void lose() {
		this.held = false;
		this.leaving = false;
		this.released = false;
		this.stepsDown = false;
		this.runsOut = false;
		callSoon();
	}

	private void callSoon() {
		this.stale = true;
		this.nextCall = this.now;
	}

	private void outcomeIsUnknown(String why, long next) {
		this.failure = why;
		this.stale = true;
		this.nextCall = next;
	}

	// Answers

	private void wasRead(WasRead read) {
		if (read.call() != this.reading) {
			return;
		}
		this.reading = 0;
		if (this.readIsOld) {
			return;
		}
		this.stale = false;
		this.failure = null;
		see(read.text());
		LeaseText text = this.seen;
		if (this.attempt != null && this.attempt.equals(text)) {
			succeeded(this.attempt);
		}
		else if (this.held
				&& (text == null || text.token() != this.token || !this.settings.node().equals(text.holder()))) {
			String found = (this.damage != null) ? this.damage : "the store has " + this.raw;
			if (this.admitted != 0 && !this.abandoned) {
				this.actions.add(new Overrun(this.admitted, "still runs although its lease is lost: " + found));
			}
			closeNow("the lease is lost, " + found + ": closing");
			lose();
			this.stale = false;
		}
		if (this.held) {
			this.nextCall = this.now;
		}
		else {
			this.nextCall = this.readStarted + this.settings.renewEvery().toNanos();
		}
	}

	/** Remembers a text, and since when it has stood still. */
	private void see(@Nullable String text) {
		LeaseText before = this.seen;
		boolean absentBefore = this.known && this.raw == null;
		this.raw = text;
		this.damage = null;
		this.seen = null;
		if (text != null) {
			try {
				this.seen = LeaseText.parse(text);
			}
			catch (IllegalArgumentException ex) {
				this.damage = ex.getMessage();
			}
		}
		if (this.seen != null) {
			this.highestToken = Math.max(this.highestToken, this.seen.token());
			this.vanished = null;
			if (this.settings.node().equals(this.seen.holder())) {
				// A change that is under way may use a beat that this node forgot.
				this.beat = Math.max(this.beat, this.seen.beat());
			}
		}
		else if (before != null) {
			this.vanished = before;
		}
		boolean same = (this.seen != null) ? before != null && this.seen.hasStoodStillSince(before)
				: text == null && absentBefore;
		if (!same) {
			this.seenAt = this.timing.seenAt(this.readStarted, this.now);
		}
		this.known = true;
		this.refused = false;
	}

	private void wasCompared(WasCompared compared) {
		if (compared.call() != this.comparing) {
			return;
		}
		this.comparing = 0;
		this.readIsOld = this.reading != 0;
		if (compared.done() && this.attempt != null) {
			this.failure = null;
			LeaseText done = this.attempt;
			this.raw = done.format();
			this.seen = done;
			this.seenAt = this.now;
			this.stale = false;
			this.refused = false;
			succeeded(done);
		}
		else if (!compared.done()) {
			this.attempt = null;
			this.refused = true;
			callSoon();
		}
	}

	private void failed(Failed failed) {
		long next = this.now + this.settings.retryEvery().toNanos();
		if (failed.call() == this.reading) {
			this.reading = 0;
			outcomeIsUnknown(failed.why(), next);
		}
		else if (failed.call() == this.comparing) {
			this.comparing = 0;
			this.readIsOld = this.reading != 0;
			outcomeIsUnknown(failed.why(), next);
		}
	}

	/** The last change was made. How long that is known for counts from its start. */
	private void succeeded(LeaseText done) {
		this.attempt = null;
		this.highestToken = Math.max(this.highestToken, done.token());
		if (done.holder() == null) {
			boolean steppedDown = this.stepsDown;
			lose();
			this.stale = false;
			if (steppedDown) {
				this.resting = true;
				this.restsUntil = this.now + 2 * this.settings.renewEvery().toNanos();
			}
			this.nextCall = this.now;
			return;
		}
		this.nextCall = this.compareStarted + this.settings.renewEvery().toNanos();
		long until = this.timing.validUntil(this.compareStarted, this.now);
		if (this.runsOut || this.abandoned || isDue(until)) {
			return;
		}
		if (!this.held) {
			this.held = true;
			this.token = done.token();
			// The endpoint may have been withdrawn while the call was under way.
			this.leaving = this.question == 0;
		}
		else if (this.token != done.token()) {
			return;
		}
		this.released = false;
		this.validUntil = until;
		this.closesAt = this.timing.closesAt(until);
		this.renewed = this.compareShown;
		releaseIfNothingLives();
	}

	// Calls

	private boolean isReleasing() {
		return this.held && this.leaving && this.admitted == 0;
	}

	private boolean competes() {
		return !this.held && this.question != 0 && this.admitted == 0;
	}

	private boolean isInterested() {
		return (this.held && !this.runsOut) || competes();
	}

	private boolean mayTake() {
		return this.known && !this.stale && this.damage == null && this.comparing == 0 && isDue(takenFrom());
	}

	/** From when on this node may take the lease, if the text stays as it is. */
	private long takenFrom() {
		if (this.seen == null) {
			return (this.vanished == null) ? this.now : this.timing.takenFrom(this.vanished, this.seenAt);
		}
		String holder = this.seen.holder();
		if (holder == null) {
			long from = isForAnother(this.seen) ? this.seenAt + 2 * this.settings.renewEvery().toNanos() : this.now;
			return (this.resting && this.restsUntil - from > 0) ? this.restsUntil : from;
		}
		// What this node does not hold any more is an orphan of its own.
		return holder.equals(this.settings.node()) ? this.now : this.timing.takenFrom(this.seen, this.seenAt);
	}

	private boolean isForAnother(LeaseText free) {
		return free.claim() != null && !free.claim().equals(this.settings.node());
	}

	private void call() {
		if (!isInterested()) {
			return;
		}
		if (competes() && mayTake()) {
			compareAndSet(new LeaseText(this.settings.node(), this.highestToken + 1, this.beat + 1,
					this.settings.duration(), this.load, null));
		}
		else if (isDue(this.nextCall)) {
			if (this.held && this.comparing == 0 && (!this.stale || mayGuess())) {
				renewOrRelease();
			}
			else if (this.reading == 0 && (this.stale || !this.held)) {
				read();
			}
		}
	}

	/** While a read hangs. The store refuses a change that expects a wrong text. */
	private boolean mayGuess() {
		return this.reading != 0 && this.readOverdue && !this.refused;
	}

	private void renewOrRelease() {
		if (isReleasing()) {
			this.released = true;
			compareAndSet(new LeaseText(null, this.token, this.beat + 1, this.settings.duration(), 0, null));
		}
		else {
			String claim = (this.seen != null) ? this.seen.claim() : null;
			compareAndSet(new LeaseText(this.settings.node(), this.token, this.beat + 1, this.settings.duration(),
					this.load, claim));
		}
	}

	private void read() {
		this.calls++;
		this.actions.add(new Read(this.calls));
		this.reading = this.calls;
		this.readStarted = this.now;
		this.readOverdue = false;
		this.readIsOld = false;
	}

	private void compareAndSet(LeaseText next) {
		this.calls++;
		this.actions.add(new CompareAndSet(this.calls, this.raw, next));
		this.comparing = this.calls;
		this.compareStarted = this.now;
		this.compareShown = this.shown;
		this.compareOverdue = false;
		this.readIsOld = this.reading != 0;
		this.beat = next.beat();
		this.attempt = next;
		this.nextCall = this.now + this.settings.renewEvery().toNanos();
	}

	// The timer

	private void arm() {
		boolean due = false;
		long at = 0;
		if (this.held) {
			at = (this.admitted != 0 && !this.closing && !this.abandoned) ? this.closesAt : this.validUntil;
			due = true;
		}
		if (this.reading != 0 && !this.readOverdue) {
			at = earlier(due, at, this.readStarted + this.settings.storeTimeout().toNanos());
			due = true;
		}
		if (this.comparing != 0 && !this.compareOverdue) {
			at = earlier(due, at, this.compareStarted + this.settings.storeTimeout().toNanos());
			due = true;
		}
		if (isInterested() && !isDue(this.nextCall)) {
			at = earlier(due, at, this.nextCall);
			due = true;
		}
		if (competes() && this.known && !this.stale && this.damage == null && !isDue(takenFrom())) {
			at = earlier(due, at, takenFrom());
			due = true;
		}
		if (due && !(this.armed && this.armedFor == at && !isDue(at))) {
			this.timer++;
			this.actions.add(new Arm(this.timer, Math.max(0, at - this.now)));
			this.armedFor = at;
		}
		this.armed = due;
	}

	private static long earlier(boolean due, long at, long other) {
		return (due && at - other < 0) ? at : other;
	}

	@Override
	public String toString() {
		return this.settings.node() + (this.held ? " holds " : " stands by ") + this.raw;
	}

}
