package dev.cider.broker;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * A command of an {@link EndpointMachine} to its supervisor.
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

	/** Tell the incarnation's waiting thread to serve. */
	record Serve(long incarnation) implements OnIncarnation {

		private static final SharedValues<Serve> SHARED = new SharedValues<>(Serve::new);

	}

	/** Tell the incarnation's waiting thread to close the instance. */
	record Close(long incarnation) implements OnIncarnation {

		private static final SharedValues<Close> SHARED = new SharedValues<>(Close::new);

	}

	/** Tell the waiting thread that another thread closes, or has closed. */
	record Dismiss(long incarnation) implements OnIncarnation {
	}

	/** Close the instance on a close thread, while {@code listenAndServe} runs. */
	record CloseAside(long incarnation) implements OnIncarnation {
	}

	/**
	 * Read the stack of the thread that hangs, then report the timeout.
	 *
	 * @param noticed when the timeout was noticed, as of {@link System#nanoTime()}
	 */
	record Inspect(long incarnation, long timer, long noticed, String what) implements OnIncarnation {
	}

	/** Interrupt all threads of the incarnation. */
	record Interrupt(long incarnation) implements OnIncarnation {
	}

	/**
	 * Ask whether the endpoint may launch its next incarnation. The answers are
	 * {@link Signal.Admit} and {@link Signal.Bar}.
	 *
	 * @param question its number
	 * @param requested whether an operator asked for the launch
	 */
	record Ask(long question, boolean requested) implements Action {
	}

	/** The endpoint does not wait for an answer to the question any more. */
	record Withdraw(long question) implements Action {
	}

	/** Arm the endpoint's one timer. */
	record Arm(long timer, Duration delay) implements Action {
	}

	/** Disarm the endpoint's timer, if it has not fired yet. */
	record Disarm() implements Action {
	}

	/** Tell the monitors of a crash. */
	record TellCrash(CrashEntry crash, Failure failure) implements Action, Supplier<EndpointCrashReport> {

		EndpointCrashReport report() {
			return this.crash.report(this.failure);
		}

		@Override
		public EndpointCrashReport get() {
			return report();
		}

	}

	/** Announce the termination to the incarnation's inner broker, if it has one. */
	record AnnounceInside(long incarnation) implements OnIncarnation {
	}

	/**
	 * Log what an incarnation threw after the termination was announced: that is no
	 * crash, so no monitor is told.
	 */
	record Excuse(long incarnation, Failure failure) implements OnIncarnation {
	}

	/** Tell the monitors that state, incarnation or abandoned count have changed. */
	record TellChange() implements Action {
	}

	/** Pass the abandoned incarnations on to the same endpoint in the next broker. */
	record HandOver(List<Abandoned> abandoned) implements Action {
	}

}
