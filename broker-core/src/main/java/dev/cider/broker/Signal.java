package dev.cider.broker;

import java.util.List;

/**
 * An input of an {@link EndpointMachine}. A signal of an incarnation or a timer carries
 * its number, so that the machine can ignore a late one.
 */
sealed interface Signal {

	/** The broker begins to serve: the endpoint starts if it should run. */
	record Begin() implements Signal {
	}

	/**
	 * A request of an operator.
	 */
	sealed interface Request extends Signal {

		/** Whether it may launch an incarnation, which the broker's end forbids. */
		boolean launches();

	}

	/** Start an endpoint that does not run. */
	record Start() implements Request {

		@Override
		public boolean launches() {
			return true;
		}

	}

	/** Stop the endpoint, whatever it does. */
	record Stop() implements Request {

		@Override
		public boolean launches() {
			return false;
		}

	}

	/** Replace the current incarnation by a new one. */
	record Restart() implements Request {

		@Override
		public boolean launches() {
			return true;
		}

	}

	/**
	 * The broker will be terminated soon. A running incarnation goes on, but its exit is
	 * no crash any more, and nothing is launched.
	 */
	record AnnounceTermination() implements Signal {
	}

	/**
	 * A stop, and right after it another request. {@link Requests} joins several waiting
	 * requests to this one. The machine is told the two parts one after another.
	 */
	record StopThen(Request next) implements Request {

		static final Stop STOP = new Stop();

		@Override
		public boolean launches() {
			return true;
		}

	}

	/** The broker ends. The machine ignores all requests of operators after this. */
	record Terminate() implements Signal {
	}

	static Created created(long incarnation) {
		return Created.SHARED.get(incarnation);
	}

	static Closed closed(long incarnation) {
		return Closed.SHARED.get(incarnation);
	}

	/**
	 * A step of an incarnation.
	 */
	sealed interface OfIncarnation extends Signal {

		long incarnation();

	}

	/** The factory returned an instance. The incarnation's thread waits for a verdict. */
	record Created(long incarnation) implements OfIncarnation {

		private static final SharedValues<Created> SHARED = new SharedValues<>(Created::new);

	}

	/**
	 * There is no instance. The incarnation's thread is done.
	 *
	 * @param exited when, in nanoseconds, taken before the Throwable was read: that may
	 * have taken long
	 */
	record CreateFailed(long incarnation, Failure failure, long exited, double roll) implements OfIncarnation {
	}

	/** The instance has called {@code ready()}. No thread waits for a verdict. */
	record Ready(long incarnation) implements OfIncarnation {
	}

	/** {@code listenAndServe} returned. The incarnation's thread waits for a verdict. */
	record Returned(long incarnation, double roll) implements OfIncarnation {
	}

	/**
	 * {@code listenAndServe} threw. The incarnation's thread waits for a verdict.
	 *
	 * @param exited when, in nanoseconds, taken before the Throwable was read: that may
	 * have taken long
	 */
	record Threw(long incarnation, Failure failure, long exited, double roll) implements OfIncarnation {
	}

	/** Something has changed in the inner broker that it serves, or has served. */
	record InnerChanged(long incarnation, Inner inner) implements OfIncarnation {
	}

	/** {@code close} has returned or thrown. */
	record Closed(long incarnation) implements OfIncarnation {

		private static final SharedValues<Closed> SHARED = new SharedValues<>(Closed::new);

	}

	/**
	 * Threads of the incarnation wait for the broker to end, so it cannot end before.
	 * They are inside the application's shutdown, which stops the broker.
	 *
	 * @param body whether the thread that makes and serves the instance waits
	 * @param close whether the thread that closes it waits
	 */
	record AwaitsEnd(long incarnation, boolean body, boolean close) implements OfIncarnation {
	}

	/**
	 * Threads of the incarnation no longer wait for the broker to end.
	 *
	 * @param body whether the thread that makes and serves the instance does not wait
	 * @param close whether the thread that closes it does not wait
	 */
	record AwaitsEndNoMore(long incarnation, boolean body, boolean close) implements OfIncarnation {
	}

	/**
	 * An answer to an {@link Action.Ask}. It holds for one launch.
	 */
	sealed interface Answer extends Signal {

		long question();

	}

	/** The endpoint may launch its next incarnation. */
	record Admit(long question) implements Answer {
	}

	/**
	 * The endpoint may not launch an incarnation now.
	 *
	 * @param why what it waits for, in words
	 * @param explains whether that explains an error that brought the endpoint here
	 */
	record Bar(long question, String why, boolean explains) implements Answer {
	}

	/**
	 * An incarnation that was admitted must end, and the next one must be admitted anew.
	 * Not an {@link OfIncarnation}: it comes from outside, and an abandoned incarnation
	 * cannot be evicted.
	 */
	record Evict(long incarnation) implements Signal {
	}

	/**
	 * About the endpoint's one timer.
	 */
	sealed interface OfTimer extends Signal {

		long timer();

	}

	/**
	 * An armed timer fired.
	 *
	 * @param timer its number
	 * @param late by how much it fired later than it was due, in nanoseconds
	 * @param lastHeartbeat when the current incarnation last sent a heartbeat, in
	 * nanoseconds; undefined if it never did
	 * @param heard whether it ever sent one
	 */
	record TimerFired(long timer, long late, boolean heard, long lastHeartbeat) implements OfTimer {
	}

	/**
	 * The stack of an incarnation that was too slow for a timer was read.
	 *
	 * @param noticed when the timer fired, in nanoseconds: reading the stack may have
	 * taken long
	 * @param lastHeartbeat when it last sent a heartbeat, in nanoseconds, perhaps while
	 * its stack was read
	 * @param heard whether it ever sent one
	 */
	record TimedOut(long timer, Failure failure, long noticed, boolean heard, long lastHeartbeat,
			double roll) implements OfTimer {
	}

	/**
	 * Hand all abandoned incarnations on to the endpoint's successor in the next broker.
	 */
	record HandOver() implements Signal {
	}

	/**
	 * For the supervisor itself: the machine never gets it.
	 */
	non-sealed interface OfSupervisor extends Signal {

	}

	/**
	 * Take over the abandoned incarnations of the endpoint's predecessor. The supervisor
	 * adds the incarnations themselves, which the machine does not know.
	 */
	non-sealed interface TakeOver extends Signal {

		/** How far they have come. */
		List<Abandoned> abandoned();

	}

}
