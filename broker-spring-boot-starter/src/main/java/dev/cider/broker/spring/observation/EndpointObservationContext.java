package dev.cider.broker.spring.observation;

import java.time.Duration;
import java.time.Instant;

import dev.cider.broker.CrashPhase;
import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;

/**
 * What handlers, conventions, filters and predicates know of an observation. A monitor is
 * told of an event after it has happened, so the times of an observation are here, and
 * not the moments at which a handler is called.
 */
public class EndpointObservationContext extends Observation.Context {

	private final EndpointObservation observation;

	private final String endpoint;

	private final long incarnation;

	private final Moment began;

	/** When the outage began: for a revival before {@link #began}. */
	private final Moment downSince;

	private volatile @Nullable CrashPhase phase;

	private volatile @Nullable String exception;

	private volatile @Nullable Ending ending;

	EndpointObservationContext(EndpointObservation observation, String endpoint, long incarnation, Moment began,
			Moment downSince) {
		this.observation = observation;
		this.endpoint = endpoint;
		this.incarnation = incarnation;
		this.began = began;
		this.downSince = downSince;
	}

	/**
	 * What is observed.
	 * @return start, close or recovery
	 */
	public EndpointObservation observation() {
		return this.observation;
	}

	/**
	 * The endpoint's id.
	 * @return the id
	 */
	public String endpoint() {
		return this.endpoint;
	}

	/**
	 * The incarnation that starts, closes or has crashed.
	 * @return its number
	 */
	public long incarnation() {
		return this.incarnation;
	}

	/**
	 * What the incarnation was doing when it crashed.
	 * @return the phase; {@code null} if it did not crash
	 */
	public @Nullable CrashPhase phase() {
		return this.phase;
	}

	/**
	 * The simple name of the class of what was thrown. Unlike {@link #getError()} it is
	 * also known if the report of the crash was lost.
	 * @return the name; {@code null} if nothing was thrown
	 */
	public @Nullable String exception() {
		return this.exception;
	}

	/**
	 * How it ended.
	 * @return the outcome; {@code null} while it lasts
	 */
	public @Nullable EndpointOutcome outcome() {
		Ending known = this.ending;
		return (known != null) ? known.outcome() : null;
	}

	/**
	 * When it began.
	 * @return the moment of the event, as the wall clock showed it
	 */
	public Instant began() {
		return this.began.shown();
	}

	/**
	 * When it ended: the beginning plus the duration, whatever the wall clock did.
	 * @return the moment of the event; {@code null} while it lasts
	 */
	public @Nullable Instant ended() {
		Ending known = this.ending;
		return (known != null) ? this.began.shown().plusNanos(known.nanos() - this.began.nanos()) : null;
	}

	/**
	 * How long the endpoint was down, by the monotonic clock. For a recovery after a drop
	 * this includes the time before the drop. For a start or a close it is the duration.
	 * @return the time since the first crash; zero while it lasts
	 */
	public Duration down() {
		Ending known = this.ending;
		return (known != null) ? Duration.ofNanos(Math.max(0, known.nanos() - this.downSince.nanos())) : Duration.ZERO;
	}

	Moment downSince() {
		return this.downSince;
	}

	void crashed(@Nullable CrashPhase phase, @Nullable String exception) {
		this.phase = phase;
		this.exception = exception;
	}

	/** It cannot end before it began. */
	void end(EndpointOutcome outcome, long nanos) {
		this.ending = new Ending(outcome, (nanos - this.began.nanos() > 0) ? nanos : this.began.nanos());
	}

	/**
	 * A moment by both clocks.
	 *
	 * @param shown as the wall clock shows it
	 * @param nanos as of {@link System#nanoTime()}
	 */
	record Moment(Instant shown, long nanos) {
	}

	private record Ending(EndpointOutcome outcome, long nanos) {
	}

}
