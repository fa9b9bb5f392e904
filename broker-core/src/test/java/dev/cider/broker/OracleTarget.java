package dev.cider.broker;

/**
 * Where an endpoint is headed, as an oracle reckons from what it heard.
 */
enum OracleTarget {

	/** Stays down: never started, or stopped. */
	REST,

	/** Stays down: it returned. */
	FINISH,

	/** Stays down: given up. */
	DROP,

	/** Given up, and comes up by itself. */
	REVIVE,

	/** Comes up by itself. */
	RETRY,

	/** Comes up because an operator replaces what ran. */
	AGAIN,

	/** Comes up because an operator restarts what was on its way down. */
	ANEW,

	/** Comes up because an operator starts what was down. */
	CLEAN,

	/** Comes up as soon as it is admitted. */
	ADMISSION,

	/** Comes up again as soon as it is admitted. */
	READMISSION,

	/** Is up. */
	RUN;

	boolean isDown() {
		return this == REST || this == FINISH || this == DROP || this == REVIVE;
	}

	/** Only an operator brings it up. */
	boolean isEnd() {
		return this == FINISH || this == DROP;
	}

	/** Only a timer brings it up. */
	boolean waits() {
		return this == RETRY || this == REVIVE;
	}

	boolean needsAdmission() {
		return this == ADMISSION || this == READMISSION;
	}

	/** Where a gate is. */
	OracleTarget gated() {
		return countsAsRestart() ? READMISSION : ADMISSION;
	}

	boolean isWished() {
		return this == AGAIN || this == ANEW || this == CLEAN;
	}

	/** With a clean count. */
	boolean forgives() {
		return this == CLEAN || this == ANEW || this == REVIVE;
	}

	boolean countsAsRestart() {
		return this == RETRY || this == AGAIN || this == ANEW || this == READMISSION;
	}

	OracleTarget afterRestart(boolean leaving) {
		if (needsAdmission()) {
			return this;
		}
		if (isDown() || this == CLEAN) {
			return leaving ? ANEW : CLEAN;
		}
		return (this == ANEW) ? ANEW : AGAIN;
	}

	/** What serves goes on; what would come up does not. */
	OracleTarget afterAnnouncement(boolean lives) {
		return (this == RUN && lives) ? RUN : afterTerminate();
	}

	OracleTarget afterTerminate() {
		if (this == REVIVE) {
			return DROP;
		}
		return (this == FINISH || this == DROP) ? this : REST;
	}

}
