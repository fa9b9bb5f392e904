package dev.cider.broker;

import java.util.List;

/**
 * Something that an {@link EndpointMachine} is told. Whatever happens asynchronously
 * carries a number, so that what comes too late can be told apart.
 */
sealed interface Signal {

	/** The broker begins to serve: the endpoint starts if it should run. */
	record Begin() implements Signal {
	}

	/**
	 * A request of an operator.
	 */
	sealed interface Request extends Signal {

	}

	/** Start an endpoint that does not run. */
	record Start() implements Request {
	}

	/** Stop the endpoint, whatever it does. */
	record Stop() implements Request {
	}

	/** Replace what runs by a new incarnation. */
	record Restart() implements Request {
	}

	/**
	 * The broker will be told to end soon. What runs goes on, but how it exits is no
	 * crash any more, and nothing is launched.
	 */
	record AnnounceTermination() implements Signal {
	}

	/**
	 * Stop the endpoint, and right after that another request: what several of them have
	 * come to while they waited, see {@link Requests}. Never told to a machine as one.
	 */
	record StopThen(Request next) implements Request {

		static final Stop STOP = new Stop();

	}

	/** The broker ends. The last word: nothing an operator says after it is heard. */
	record Terminate() implements Signal {
	}

	static Created created(long incarnation) {
		return Created.SHARED.get(incarnation);
	}

	static Closed closed(long incarnation) {
		return Closed.SHARED.get(incarnation);
	}

	/**
	 * How an incarnation got on.
	 */
	sealed interface OfIncarnation extends Signal {

		long incarnation();

	}

	/** The factory returned an instance. The incarnation's thread waits for a verdict. */
	record Created(long incarnation) implements OfIncarnation {

		private static final SharedValues<Created> SHARED = new SharedValues<>(Created::new);

	}

	/**
	 * No instance could be had. The incarnation's thread is done.
	 *
	 * @param exited when, in nanoseconds: to read what was thrown may have taken long
	 */
	record CreateFailed(long incarnation, Failure failure, long exited, double roll) implements OfIncarnation {
	}

	/** It says that it serves now. Nobody waits for a verdict. */
	record Ready(long incarnation) implements OfIncarnation {
	}

	/** {@code listenAndServe} returned. The incarnation's thread waits for a verdict. */
	record Returned(long incarnation, double roll) implements OfIncarnation {
	}

	/**
	 * {@code listenAndServe} threw. The incarnation's thread waits for a verdict.
	 *
	 * @param exited when, in nanoseconds: to read what was thrown may have taken long
	 */
	record Threw(long incarnation, Failure failure, long exited, double roll) implements OfIncarnation {
	}

	/** Something has changed in the broker that it serves, or has served. */
	record InnerChanged(long incarnation, Inner inner) implements OfIncarnation {
	}

	/** {@code close} has ended, one way or the other. */
	record Closed(long incarnation) implements OfIncarnation {

		private static final SharedValues<Closed> SHARED = new SharedValues<>(Closed::new);

	}

	/**
	 * It cannot end before the broker does, for its threads wait for that: they are
	 * inside the very shutdown that stops the broker.
	 *
	 * @param body whether the thread does that makes and serves the instance
	 * @param close whether the thread does that closes it
	 */
	record AwaitsEnd(long incarnation, boolean body, boolean close) implements OfIncarnation {
	}

	/**
	 * The wait of one of its threads has returned before the broker's end.
	 *
	 * @param body whether it is the thread that makes and serves the instance
	 * @param close whether it is the thread that closes it
	 */
	record AwaitsEndNoMore(long incarnation, boolean body, boolean close) implements OfIncarnation {
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
	 * @param lastHeartbeat when the incarnation that lives said so last, in nanoseconds;
	 * anything if it never did
	 * @param heard whether it ever said so
	 */
	record TimerFired(long timer, long late, boolean heard, long lastHeartbeat) implements OfTimer {
	}

	/**
	 * The incarnation that was too slow for a timer was looked at.
	 *
	 * @param noticed when the timer fired, in nanoseconds: to look may have taken long
	 * @param lastHeartbeat when it said last that it is alive, in nanoseconds: it may
	 * have done so while it was looked at
	 * @param heard whether it ever said so
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
	 * Take over the abandoned incarnations of the endpoint's predecessor. What carries
	 * out the machine's actions adds the incarnations themselves, which the machine does
	 * not know.
	 */
	non-sealed interface TakeOver extends Signal {

		/** How far they have come. */
		List<Abandoned> abandoned();

	}

}
