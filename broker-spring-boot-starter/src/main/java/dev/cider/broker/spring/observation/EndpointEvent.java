package dev.cider.broker.spring.observation;

import java.time.Instant;

import io.micrometer.observation.Observation;

/**
 * An event during a recovery, with the moment at which it happened.
 *
 * @param getName its name, one of a few
 * @param getContextualName what happened, in words
 * @param at when it happened
 */
record EndpointEvent(String getName, String getContextualName, Instant at) implements Observation.Event {

	/** Handlers that know no more exact time show milliseconds. */
	@Override
	public long getWallTime() {
		return this.at.toEpochMilli();
	}

}
