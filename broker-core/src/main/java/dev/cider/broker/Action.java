package dev.cider.broker;

import java.time.Duration;
import java.util.List;

import dev.cider.broker.restart.RestartDecision;

/**
 * Something that an {@link EndpointMachine} wants done.
 */
sealed interface Action {

	Disarm DISARM = new Disarm();

	TellChange TELL_CHANGE = new TellChange();

	static Launch launch(long incarnation) {
		return Launch.SHARED.get(incarnation);
	}

	static Serve serve(long incarnation) {
		return Serve.SHARED.get(incarnation);
	}

	static Close close(long incarnation) {
		return Close.SHARED.get(incarnation);
	}

	/**
	 * Something done to or with one incarnation.
	 */
	sealed interface OnIncarnation extends Action {

		long incarnation();

	}

	/** Start a thread for a new incarnation. */
	record Launch(long incarnation) implements OnIncarnation {

		private static final SharedValues<Launch> SHARED = new SharedValues<>(Launch::new);

	}

	/** Verdict for the incarnation's waiting thread: serve. */
	record Serve(long incarnation) implements OnIncarnation {

		private static final SharedValues<Serve> SHARED = new SharedValues<>(Serve::new);

	}

	/** Verdict for the incarnation's waiting thread: close your instance. */
	record Close(long incarnation) implements OnIncarnation {

		private static final SharedValues<Close> SHARED = new SharedValues<>(Close::new);

	}

	/** Verdict for the incarnation's waiting thread: nothing is left for you to do. */
	record Dismiss(long incarnation) implements OnIncarnation {
	}

	/** Close the instance on a thread of its own, while {@code listenAndServe} runs. */
	record CloseAside(long incarnation) implements OnIncarnation {
	}

	/**
	 * Look where the incarnation hangs, and report that it has timed out.
	 *
	 * @param noticed when that was noticed, in nanoseconds
	 */
	record Inspect(long incarnation, long timer, long noticed, String what) implements OnIncarnation {
	}

	/** Interrupt all threads of the incarnation. */
	record Interrupt(long incarnation) implements OnIncarnation {
	}

	/** Arm the endpoint's one timer. */
	record Arm(long timer, Duration delay) implements Action {
	}

	/** Disarm the endpoint's timer, if it can still be had. */
	record Disarm() implements Action {
	}

	/** Tell the monitors of a crash. */
	record TellCrash(CrashSummary summary, RestartDecision decision, Failure failure) implements Action {

		EndpointCrashReport report() {
			return new EndpointCrashReport(this.summary.factoryId(), this.summary.dropped(), this.failure.error(),
					this.summary.incarnation(), this.summary.phase(), this.summary.at(), this.summary.served(),
					this.summary.consecutiveErrors(), this.decision);
		}

	}

	/** Announce the broker's end in the broker that the incarnation serves, if any. */
	record AnnounceInside(long incarnation) implements OnIncarnation {
	}

	/**
	 * Log what an incarnation threw after the broker's end was announced: no crash, so no
	 * monitor is told.
	 */
	record Excuse(long incarnation, Failure failure) implements OnIncarnation {
	}

	/** Tell the monitors that what was shown before this step has changed. */
	record TellChange() implements Action {
	}

	/** Pass the abandoned incarnations on to the successor. */
	record HandOver(List<Abandoned> abandoned) implements Action {
	}

}
