package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;

import dev.cider.broker.restart.RestartDecision;
import org.jspecify.annotations.Nullable;

import static dev.cider.broker.OracleClaim.claim;

/**
 * An oracle's books of an endpoint's crashes, and what must be reported of each.
 */
final class OracleCrashBooks {

	private final OracleRestartRule givingUp;

	private long crashes;

	private long drops;

	private long lastCrashed;

	private @Nullable Due due;

	OracleCrashBooks(OracleRestartRule givingUp, @Nullable OracleCrashBooks earlier) {
		this.givingUp = givingUp;
		this.crashes = (earlier != null) ? earlier.crashes : 0;
		this.drops = (earlier != null) ? earlier.drops : 0;
		this.lastCrashed = (earlier != null) ? earlier.lastCrashed : 0;
	}

	/**
	 * Notes a crash.
	 * @return whether it is the last before giving up
	 */
	boolean crash(long incarnation, CrashPhase phase, Failure failure, long servedNanos, long at) {
		boolean drop = this.givingUp.drops(servedNanos, failure.fatal());
		this.crashes++;
		this.drops += drop ? 1 : 0;
		this.lastCrashed = incarnation;
		this.due = new Due(incarnation, phase, failure, servedNanos, at, drop);
		return drop;
	}

	/**
	 * Checks that what crashed in this step is reported, and nothing else.
	 * @return the delay of the restart in nanoseconds, negative if there is none
	 */
	long check(Step step) {
		Due crash = this.due;
		this.due = null;
		int reports = 0;
		long delay = -1;
		for (Action action : step.actions()) {
			if (action instanceof Action.TellCrash tell) {
				reports++;
				claim(crash != null && reports == 1, "G5, G6: one report for each crash, and for nothing else");
				delay = check(crash, tell.report());
				checkSummary(tell.report(), step.machine().shown());
				claim(tell.failure() == crash.failure, "G6: what is known of the error goes with it");
			}
		}
		claim(crash == null || reports == 1, "G6: one report for each crash (missing)");
		return delay;
	}

	private long check(Due crash, EndpointCrashReport report) {
		claim(report.incarnation() == crash.incarnation, "G6: the report names the incarnation");
		claim(report.error() == crash.failure.error(), "G6: the report has the error");
		claim(report.phase() == crash.phase, "G5: the report names the phase");
		claim(report.at().equals(Instant.EPOCH.plusNanos(crash.at)),
				"G6: the report says when the run ended, not when that was told");
		claim(report.served().equals(Duration.ofNanos(crash.served)), "G16: served is the time from SERVING to exit");
		claim(report.dropped() == crash.drop, "G16: dropped for too many errors, a fatal one, or in mode NEVER");
		claim(report.consecutiveErrors() == this.givingUp.inARow(), "G16: errors in a row");
		if (crash.drop) {
			claim(report.decision() instanceof RestartDecision.Drop, "G16: decides to drop");
			return -1;
		}
		return this.givingUp.delay(report.decision(), Math.max(1, this.givingUp.inARow()));
	}

	private static void checkSummary(EndpointCrashReport report, EndpointSnapshot shown) {
		CrashSummary summary = shown.lastCrash();
		claim(summary.incarnation() == report.incarnation() && summary.phase() == report.phase()
				&& summary.dropped() == report.dropped() && summary.at().equals(report.at())
				&& summary.served().equals(report.served())
				&& summary.consecutiveErrors() == report.consecutiveErrors(), "G12: lastCrash is what was reported");
		claim(shown.lastDecision() == report.decision(), "G12: lastDecision is what was reported");
	}

	boolean agreeWith(EndpointSnapshot shown) {
		CrashSummary last = shown.lastCrash();
		return shown.crashes() == this.crashes && shown.drops() == this.drops
				&& ((last != null) ? last.incarnation() : 0) == this.lastCrashed;
	}

	long drops() {
		return this.drops;
	}

	private record Due(long incarnation, CrashPhase phase, Failure failure, long served, long at, boolean drop) {
	}

}
