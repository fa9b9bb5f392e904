package dev.cider.broker;

/**
 * The state of an endpoint.
 */
public enum EndpointState {

	/** Known to the broker, never started. */
	REGISTERED,

	/** An incarnation is being made, or is not ready yet. */
	STARTING,

	/**
	 * {@link Endpoint#listenAndServe()} runs; it is ready, if the broker waits for that.
	 */
	SERVING,

	/**
	 * An incarnation is closing, or one of its methods has not returned yet.
	 */
	CLOSING,

	/** Crashed, or returned in mode {@code ALWAYS}, and waiting for its next start. */
	BACKOFF,

	/**
	 * Not admitted yet: it waits for something else, which
	 * {@link EndpointSnapshot#waitingFor()} names. No error, and no end.
	 */
	WAITING,

	/** Returned by itself; stays so until an operator's start. */
	FINISHED,

	/** Dropped by the broker; stays so until an operator's start, or its revival. */
	DROPPED,

	/** Stopped by an operator, or with the broker. */
	STOPPED

}
