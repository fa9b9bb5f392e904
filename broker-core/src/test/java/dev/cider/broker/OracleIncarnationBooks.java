package dev.cider.broker;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import static dev.cider.broker.OracleClaim.claim;

/**
 * An oracle's books of one incarnation: what it did, and what the machine wanted of it.
 */
final class OracleIncarnationBooks {

	final long incarnation;

	final long launchedAt;

	/** The factory returned an instance. */
	boolean created;

	/** The instance was told to serve. */
	boolean served;

	boolean ready;

	/** Threads of it are inside the application's shutdown. */
	boolean bodyAwaitsEnd;

	boolean closeAwaitsEnd;

	/** The thread that made and served it is done with that. */
	boolean bodyOver;

	boolean closed;

	private int closes;

	/** Since when it is SERVING. */
	@Nullable Long servingSince;

	/** From when a heartbeat is missed. */
	private long silentSince;

	/** When its timer was armed last for a heartbeat. */
	private long lookedAt;

	/** When its limit began to run anew, if it did: its timer fired far too late. */
	private @Nullable Long renewedAt;

	/** The timer for which it is looked at, 0 if it is not. */
	long inspected;

	/** When it was found silent. */
	long inspectedAt;

	@Nullable Long closeAskedAt;

	@Nullable Long interruptedAt;

	boolean abandoned;

	/** It counts as abandoned, but is not replaced while it lives. */
	boolean overdue;

	OracleIncarnationBooks(long incarnation, long launchedAt) {
		this.incarnation = incarnation;
		this.launchedAt = launchedAt;
	}

	/** How many the broker that it serves has given up on. */
	int inner;

	/** Whether that broker closes, within its own limits. */
	boolean innerCloses;

	/** What counts of it when nobody waits for it any more. */
	int count() {
		return this.inner + (isAlive() ? 1 : 0);
	}

	boolean isAlive() {
		if (!this.created) {
			return !this.bodyOver;
		}
		return !this.closed || (this.served && !this.bodyOver);
	}

	/** Its thread has nothing left to do but to close, if it was told to. */
	boolean hasServed() {
		return this.bodyOver || (this.created && !this.served);
	}

	/** Nothing of it runs that does not wait for the broker. */
	boolean onlyAwaitsEnd() {
		boolean bodyIsWaitedFor = !hasServed() && !this.bodyAwaitsEnd;
		boolean closeIsWaitedFor = this.created && !this.closed && !this.closeAwaitsEnd;
		return isClosing() && !bodyIsWaitedFor && !closeIsWaitedFor;
	}

	boolean isClosing() {
		return this.closeAskedAt != null;
	}

	EndpointState state() {
		return isClosing() ? EndpointState.CLOSING
				: (this.servingSince != null) ? EndpointState.SERVING : EndpointState.STARTING;
	}

	/** Whether a limit has passed when this timer fires. */
	boolean isOverdue(Signal.TimerFired fired, EndpointOptions options, long now) {
		if (isClosing() || this.servingSince == null) {
			return !renews(fired.late(), limit(options), now);
		}
		hear(fired.heard(), fired.lastHeartbeat());
		long timeout = options.heartbeatTimeout().toNanos();
		if (renews(fired.late(), timeout, now)) {
			this.silentSince = now;
		}
		this.lookedAt = now;
		return now - this.silentSince >= timeout;
	}

	/** Whether it is silent still, now that it was looked at. */
	boolean isSilentStill(Signal.TimedOut timedOut, EndpointOptions options, long now) {
		if (this.servingSince == null) {
			return true;
		}
		hear(timedOut.heard(), timedOut.lastHeartbeat());
		boolean silent = now - this.silentSince >= options.heartbeatTimeout().toNanos();
		if (!silent) {
			this.lookedAt = now;
			this.inspected = 0;
		}
		return silent;
	}

	private void hear(boolean heard, long heartbeat) {
		if (heard && heartbeat > this.silentSince) {
			this.silentSince = heartbeat;
			this.renewedAt = null;
		}
	}

	/** Once, if the timer fires later than an eighth of the limit, 10 ms to 1 s. */
	private boolean renews(long late, long limit, long now) {
		if (this.renewedAt != null || late <= Math.min(1_000_000_000L, Math.max(10_000_000L, limit / 8))) {
			return false;
		}
		this.renewedAt = now;
		return true;
	}

	/** Of what may not last: the start, the close, or what comes after the interrupt. */
	private long limit(EndpointOptions options) {
		long closeTimeout = options.closeTimeout().toNanos();
		return (this.interruptedAt != null) ? Math.min(closeTimeout, 1_000_000_000L)
				: isClosing() ? closeTimeout : options.startTimeout().toNanos();
	}

	void askToClose(long now) {
		this.closeAskedAt = now;
		this.renewedAt = null;
	}

	/** A limit begins anew, for the broker inside has limits of its own. */
	void waitForInner(long now) {
		if (this.interruptedAt != null) {
			interrupt(now);
		}
		else {
			askToClose(now);
		}
	}

	void interrupt(long now) {
		this.interruptedAt = now;
		this.renewedAt = null;
	}

	/** When it reaches its next limit, if it has one. */
	@Nullable Long due(EndpointOptions options) {
		if (this.overdue) {
			return null;
		}
		if (isClosing()) {
			long from = (this.interruptedAt != null) ? this.interruptedAt : this.closeAskedAt;
			return ((this.renewedAt != null) ? this.renewedAt : from) + limit(options);
		}
		boolean serves = this.servingSince != null;
		Duration limit = serves ? options.heartbeatTimeout() : options.startTimeout();
		if (limit == null || this.inspected != 0) {
			return null;
		}
		if (serves) {
			return Math.min(this.silentSince + limit.toNanos(), this.lookedAt + (limit.toNanos() + 1) / 2);
		}
		return ((this.renewedAt != null) ? this.renewedAt : this.launchedAt) + limit.toNanos();
	}

	/** What was made ready by now serves, if somebody waits for that. */
	void noteServing(boolean awaitsReady, long now) {
		if (this.servingSince == null && this.served && !isClosing() && (this.ready || !awaitsReady)) {
			this.servingSince = now;
			this.silentSince = now;
			this.lookedAt = now;
			this.renewedAt = null;
			this.inspected = 0;
		}
	}

	/** What the machine wants of it, against what it may want at all. */
	void note(Action.OnIncarnation action) {
		if (action instanceof Action.Serve) {
			claim(this.created && !this.served, "G2: served once, and only what was created");
			claim(!isClosing(), "G8: what was to be stopped is never served");
			this.served = true;
		}
		else if (action instanceof Action.Close || action instanceof Action.CloseAside) {
			claim(this.created, "G3: only what was created is closed");
			claim(++this.closes == 1, "G3: closed once");
		}
	}

	/** Holds after every step. */
	void check() {
		claim(!this.created || !isClosing() || this.closes == 1, "G3: closed as soon as it can be");
		claim(!this.created || isAlive() || this.closes == 1, "G3: closed before it is gone");
	}

}
