package dev.cider.broker;

import org.jspecify.annotations.Nullable;

/**
 * An oracle's books of where one endpoint is headed, by an operator's word or by its own
 * luck.
 */
final class OracleCourse {

	private final boolean autoStart;

	private OracleTarget toward = OracleTarget.REST;

	/** An operator's last word, or {@code autoStart} before there is one. */
	private boolean word;

	private boolean spoken;

	/** Nobody has said anything yet. */
	private boolean fresh = true;

	/** What is to come up comes up because an operator wants it to. */
	private boolean asked;

	private boolean announced;

	private boolean terminated;

	private long restarts;

	OracleCourse(boolean autoStart, @Nullable OracleCourse earlier) {
		this.autoStart = autoStart;
		this.spoken = earlier != null && earlier.spoken;
		this.word = this.spoken ? earlier.word : autoStart;
		this.restarts = (earlier != null) ? earlier.restarts : 0;
	}

	/**
	 * Hears an operator, or the broker's end.
	 * @param lives whether something lives
	 * @param mayStart whether a start makes sense
	 * @return whether what lives must be closed
	 */
	boolean hear(Signal signal, boolean lives, boolean mayStart) {
		if (this.terminated || (this.announced && !ends(signal))) {
			return false;
		}
		if (signal instanceof Signal.AnnounceTermination) {
			this.announced = true;
			this.toward = this.toward.afterAnnouncement(lives);
			this.fresh &= this.toward == OracleTarget.REST;
			return false;
		}
		if (signal instanceof Signal.Begin) {
			begin();
			return false;
		}
		if (signal instanceof Signal.Start) {
			this.word |= mayStart;
			this.spoken |= mayStart;
			this.asked |= mayStart;
			this.toward = mayStart ? OracleTarget.CLEAN : this.toward;
			return false;
		}
		if (signal instanceof Signal.Restart) {
			this.word = true;
			this.spoken = true;
			this.asked = true;
			this.toward = this.toward.afterRestart(lives);
			return true;
		}
		this.terminated = signal instanceof Signal.Terminate;
		this.word &= this.terminated;
		this.spoken |= !this.terminated;
		this.toward = this.terminated ? this.toward.afterTerminate() : OracleTarget.REST;
		this.fresh = false;
		return true;
	}

	private static boolean ends(Signal signal) {
		return signal instanceof Signal.Stop || signal instanceof Signal.Terminate;
	}

	/** Somebody may have been quicker than the broker. */
	private void begin() {
		if (this.fresh) {
			this.asked = false;
			this.toward = this.word ? OracleTarget.CLEAN : OracleTarget.REST;
			this.fresh = !this.word && !this.autoStart;
		}
	}

	void turn(OracleTarget where) {
		this.toward = where;
		this.asked = false;
	}

	/** What lives must leave, though nobody who operates it wants that. */
	void evict() {
		turn(OracleTarget.AGAIN);
	}

	/** Something would come up, but for a gate. */
	void comesToAGate() {
		this.toward = this.toward.gated();
		this.fresh = false;
	}

	void launched() {
		this.restarts += this.toward.countsAsRestart() ? 1 : 0;
		this.toward = OracleTarget.RUN;
		this.fresh = false;
	}

	OracleTarget toward() {
		return this.toward;
	}

	long restarts() {
		return this.restarts;
	}

	boolean wasAsked() {
		return this.asked;
	}

	boolean isAnnounced() {
		return this.announced;
	}

	boolean isTerminated() {
		return this.terminated;
	}

	/** What is shown while nothing lives. */
	EndpointState down() {
		return switch (this.toward) {
			case REST -> this.fresh ? EndpointState.REGISTERED : EndpointState.STOPPED;
			case FINISH -> EndpointState.FINISHED;
			case DROP, REVIVE -> EndpointState.DROPPED;
			case ADMISSION, READMISSION -> EndpointState.WAITING;
			default -> EndpointState.BACKOFF;
		};
	}

}
