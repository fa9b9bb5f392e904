package dev.cider.broker;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import static dev.cider.broker.OracleClaim.claim;

/**
 * Compares what a machine wants and shows with {@linkplain OracleEndpointBooks books} of
 * its own. Shares no logic with the machine.
 */
final class EndpointOracle {

	private final OracleEndpointBooks books;

	EndpointOracle(EndpointOptions options, boolean contextual, boolean gated, @Nullable EndpointOracle earlier) {
		this.books = new OracleEndpointBooks(options, contextual, gated, (earlier != null) ? earlier.books : null);
	}

	void check(EndpointMachine before, Signal signal, long now, Step step) {
		EndpointSnapshot shown = step.machine().shown();
		this.books.hear(signal, now);
		this.books.pause(this.books.crashes().check(step), shown);
		this.books.settle(now);
		checkActions(signal, now, step);
		this.books.admission().check(step.actions());
		this.books.checkLives(now);
		this.books.expected().checkThatAllWasDone();
		this.books.timer().check(this.books.due());
		checkShown(shown);
		this.books.admission().checkShown(before.shown(), shown, this.books.isOverdue());
		checkChange(before.shown(), this.books.movedAt(now), step);
	}

	private void checkActions(Signal signal, long now, Step step) {
		boolean handsOver = false;
		for (Action action : step.actions()) {
			this.books.timer().note(action, now);
			if (action instanceof Action.OnIncarnation on) {
				OracleIncarnationBooks life = this.books.find(on.incarnation());
				if (life != null) {
					life.note(on);
				}
				this.books.expected().strike(on);
			}
			else if (action instanceof Action.HandOver handOver) {
				claim(!handsOver && handOver.abandoned().size() == this.books.abandoned().bequest().size(),
						"G21: what was abandoned is handed over, once");
				handsOver = true;
			}
		}
		claim(handsOver == (signal instanceof Signal.HandOver), "G21: what was abandoned is handed over");
	}

	private void checkShown(EndpointSnapshot shown) {
		claim(shown.state() == this.books.state(), "G12: shows the state it is in");
		claim(shown.incarnation() == this.books.latest() && shown.starts() == this.books.latest(),
				"G1: numbered 1, 2, 3…");
		claim(shown.restarts() == this.books.restarts(), "G12: restarts");
		claim(this.books.crashes().agreeWith(shown), "G12: crashes, drops and the last crash");
		claim(shown.consecutiveErrors() == this.books.errorsInARow(), "G16: errors in a row");
		claim(shown.abandoned() == this.books.abandonedCount(), "G10: all that is abandoned and lives is counted");
		Long start = this.books.nextStart();
		Instant nextStart = (start != null) ? Instant.EPOCH.plusNanos(start) : null;
		claim(Objects.equals(nextStart, shown.nextStart()),
				"G12: nextStart in BACKOFF and before a revival, and only there");
	}

	private static void checkChange(EndpointSnapshot from, long now, Step step) {
		EndpointSnapshot to = step.machine().shown();
		boolean moved = from.state() != to.state() || from.incarnation() != to.incarnation();
		claim(moved ? to.since().equals(Instant.EPOCH.plusNanos(now)) : to.since().equals(from.since()),
				"G12: shows since when it is there");
		boolean changed = moved || from.abandoned() != to.abandoned();
		int told = 0;
		for (Action action : step.actions()) {
			told += (action instanceof Action.TellChange) ? 1 : 0;
		}
		claim(told == (changed ? 1 : 0), "G13: told once of every change, and of nothing else");
	}

	boolean mayStart() {
		return this.books.mayStart();
	}

	boolean hasEnded() {
		return this.books.hasEnded();
	}

	boolean isOver() {
		return this.books.isOver();
	}

	/** What lives though nobody waits for it. */
	List<OracleIncarnationBooks> abandoned() {
		return this.books.abandoned().living();
	}

	long abandonedInAll() {
		return this.books.abandoned().inAll();
	}

	long admissions() {
		return this.books.admission().admissions();
	}

	long explanations() {
		return this.books.admission().explanations();
	}

	long drops() {
		return this.books.crashes().drops();
	}

}
