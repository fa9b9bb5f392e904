package dev.cider.broker;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import static dev.cider.broker.Promise.claim;

/**
 * An oracle's books of one incarnation: what it did, and what the machine wanted of it.
 */
final class Life {

	final long incarnation;

	final long launchedAt;

	/** The factory returned an instance. */
	boolean created;

	/** The instance was told to serve. */
	boolean served;

	boolean ready;

	/** The thread that made and served it is done with that. */
	boolean bodyOver;

	boolean closed;

	private int closes;

	/** Since when it is SERVING. */
	@Nullable Long servingSince;

	private long lastHeartbeat;

	/** The timer for which it is looked at, 0 if it is not. */
	long inspected;

	/** When it was found silent. */
	long inspectedAt;

	@Nullable Long closeAskedAt;

	@Nullable Long interruptedAt;

	boolean abandoned;

	Life(long incarnation, long launchedAt) {
		this.incarnation = incarnation;
		this.launchedAt = launchedAt;
	}

	boolean isAlive() {
		if (!this.created) {
			return !this.bodyOver;
		}
		return !this.closed || (this.served && !this.bodyOver);
	}

	boolean isClosing() {
		return this.closeAskedAt != null;
	}

	EndpointState state() {
		return isClosing() ? EndpointState.CLOSING
				: (this.servingSince != null) ? EndpointState.SERVING : EndpointState.STARTING;
	}

	/** Whether a limit has passed when this timer fires. */
	boolean isSilent(Signal.TimerFired fired, EndpointOptions options, long now) {
		if (this.servingSince == null) {
			return true;
		}
		if (fired.heard()) {
			this.lastHeartbeat = Math.max(this.lastHeartbeat, fired.lastHeartbeat());
		}
		return now - lastSign() >= options.heartbeatTimeout().toNanos();
	}

	/** When it was last known to serve. */
	private long lastSign() {
		return Math.max(this.servingSince, this.lastHeartbeat);
	}

	/** When it reaches its next limit, if it has one. */
	@Nullable Long due(EndpointOptions options) {
		long closeTimeout = options.closeTimeout().toNanos();
		if (this.interruptedAt != null) {
			return this.interruptedAt + Math.min(closeTimeout, 1_000_000_000L);
		}
		if (isClosing()) {
			return this.closeAskedAt + closeTimeout;
		}
		boolean serves = this.servingSince != null;
		Duration limit = serves ? options.heartbeatTimeout() : options.startTimeout();
		if (limit == null || this.inspected != 0) {
			return null;
		}
		return (serves ? lastSign() : this.launchedAt) + limit.toNanos();
	}

	/** What was made ready by now serves, if somebody waits for that. */
	void noteServing(boolean awaitsReady, long now) {
		if (this.servingSince == null && this.served && !isClosing() && (this.ready || !awaitsReady)) {
			this.servingSince = now;
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
