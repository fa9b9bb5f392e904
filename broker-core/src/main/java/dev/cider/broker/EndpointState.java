package dev.cider.broker;

/**
 * Where an endpoint is.
 */
public enum EndpointState {

	/** Known to the broker, never started. */
	REGISTERED,

	/** An incarnation is being made, or is not ready yet. */
	STARTING,

	/** {@link Endpoint#listenAndServe()} runs, and is ready if that is waited for. */
	SERVING,

	/**
	 * An incarnation is on its way out: closing, or still in a method that has to end.
	 */
	CLOSING,

	/** Crashed, or returned in mode {@code ALWAYS}, and waiting for its next start. */
	BACKOFF,

	/** Returned by itself; stays so until an operator's start. */
	FINISHED,

	/** Given up; stays so until an operator's start, or its revival. */
	DROPPED,

	/** Stopped by an operator, or with the broker. */
	STOPPED

}
