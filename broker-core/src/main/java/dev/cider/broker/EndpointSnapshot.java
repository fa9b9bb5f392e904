package dev.cider.broker;

import java.time.Instant;

import dev.cider.broker.restart.RestartDecision;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint at one moment. Immutable; all values are of the same moment. The totals are
 * exact and never fall.
 *
 * @param id the endpoint's id
 * @param state its state
 * @param since when it entered that state
 * @param incarnation the number of the latest incarnation, 0 before the first
 * @param starts how many incarnations were launched
 * @param restarts how many of them were launched after a crash, after a return in mode
 * {@code ALWAYS}, or by {@link BrokerOperations#restart(String)}
 * @param crashes how often it crashed
 * @param drops how often it was dropped
 * @param consecutiveErrors errors in a row so far
 * @param abandoned how many abandoned incarnations have not ended yet, those in a broker
 * that the endpoint serves, or has served, included
 * @param nextStart when it will be started again, if it waits for that
 * @param lastCrash its latest crash, if there was one
 * @param lastDecision what was decided at its latest exit, if there was one
 * @param waitingFor what it waits for before it goes on, in words; {@code null} if it
 * does not wait
 * @param sinceNanos the same moment as {@code since}, as of {@link System#nanoTime()} in
 * this JVM: measure durations with it, because the wall clock may jump
 */
public record EndpointSnapshot(String id, EndpointState state, Instant since, long incarnation, long starts,
		long restarts, long crashes, long drops, int consecutiveErrors, int abandoned, @Nullable Instant nextStart,
		@Nullable CrashSummary lastCrash, @Nullable RestartDecision lastDecision, @Nullable String waitingFor,
		long sinceNanos) {

	/**
	 * A snapshot that does not come from a broker, in a test for example. Its
	 * {@code sinceNanos} is 0.
	 * @param id the endpoint's id
	 * @param state its state
	 * @param since when it entered that state
	 * @param incarnation the number of the latest incarnation
	 * @param starts how many incarnations were launched
	 * @param restarts how many of them were restarts
	 * @param crashes how often it crashed
	 * @param drops how often it was dropped
	 * @param consecutiveErrors errors in a row so far
	 * @param abandoned how many abandoned incarnations have not ended yet
	 * @param nextStart when it will be started again, if it waits for that
	 * @param lastCrash its latest crash, if there was one
	 * @param lastDecision what was decided at its latest exit, if there was one
	 */
	public EndpointSnapshot(String id, EndpointState state, Instant since, long incarnation, long starts, long restarts,
			long crashes, long drops, int consecutiveErrors, int abandoned, @Nullable Instant nextStart,
			@Nullable CrashSummary lastCrash, @Nullable RestartDecision lastDecision) {
		this(id, state, since, incarnation, starts, restarts, crashes, drops, consecutiveErrors, abandoned, nextStart,
				lastCrash, lastDecision, null, 0);
	}

	/**
	 * A snapshot of an endpoint that waits for nothing, with the time of its state.
	 * @param id the endpoint's id
	 * @param state its state
	 * @param since when it entered that state
	 * @param incarnation the number of the latest incarnation
	 * @param starts how many incarnations were launched
	 * @param restarts how many of them were restarts
	 * @param crashes how often it crashed
	 * @param drops how often it was dropped
	 * @param consecutiveErrors errors in a row so far
	 * @param abandoned how many abandoned incarnations have not ended yet
	 * @param nextStart when it will be started again, if it waits for that
	 * @param lastCrash its latest crash, if there was one
	 * @param lastDecision what was decided at its latest exit, if there was one
	 * @param sinceNanos the same moment as {@code since}, as of {@link System#nanoTime()}
	 */
	public EndpointSnapshot(String id, EndpointState state, Instant since, long incarnation, long starts, long restarts,
			long crashes, long drops, int consecutiveErrors, int abandoned, @Nullable Instant nextStart,
			@Nullable CrashSummary lastCrash, @Nullable RestartDecision lastDecision, long sinceNanos) {
		this(id, state, since, incarnation, starts, restarts, crashes, drops, consecutiveErrors, abandoned, nextStart,
				lastCrash, lastDecision, null, sinceNanos);
	}

	/**
	 * An endpoint that was never started.
	 * @param id the endpoint's id
	 * @param since since when it is registered
	 * @param sinceNanos the same moment, as of {@link System#nanoTime()}
	 * @return a snapshot in state {@link EndpointState#REGISTERED} with all totals 0
	 */
	public static EndpointSnapshot registered(String id, Instant since, long sinceNanos) {
		return new EndpointSnapshot(id, EndpointState.REGISTERED, since, 0, 0, 0, 0, 0, 0, 0, null, null, null, null,
				sinceNanos);
	}

	/**
	 * The same endpoint after a stop: totals, errors and the latest crash stay,
	 * {@code nextStart} and {@code waitingFor} are {@code null}.
	 * @param since since when it is stopped
	 * @param sinceNanos the same moment, as of {@link System#nanoTime()}
	 * @return a snapshot in state {@link EndpointState#STOPPED}; this one if it is in
	 * that state already
	 */
	public EndpointSnapshot stopped(Instant since, long sinceNanos) {
		if (this.state == EndpointState.STOPPED) {
			return this;
		}
		return new EndpointSnapshot(this.id, EndpointState.STOPPED, since, this.incarnation, this.starts, this.restarts,
				this.crashes, this.drops, this.consecutiveErrors, this.abandoned, null, this.lastCrash,
				this.lastDecision, null, sinceNanos);
	}

}
