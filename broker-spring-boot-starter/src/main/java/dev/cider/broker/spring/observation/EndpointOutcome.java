package dev.cider.broker.spring.observation;

/**
 * How an observation of an endpoint ended.
 */
public enum EndpointOutcome {

	/** A start or a recovery: the endpoint serves. */
	READY,

	/** A start: it crashed. */
	CRASHED,

	/** A start: closed before it was ready. A close: the incarnation has ended. */
	CLOSED,

	/** A close: the incarnation did not end in time. */
	ABANDONED,

	/** A recovery: an operator, or the end of the broker, stopped the endpoint. */
	STOPPED,

	/** A recovery: the endpoint returned before it was ready. */
	FINISHED,

	/** A recovery: the broker gave up. */
	DROPPED,

	/** The broker ended first. */
	TERMINATED,

	/** Unknown, since the monitor did not keep up and the event of its end was lost. */
	LOST

}
