package dev.cider.broker;

/**
 * Where an endpoint is.
 */
public enum EndpointState {

	/** Known to the broker, never started. */
	REGISTERED,

	/** An incarnation is being made by its factory. */
	STARTING,

	/** {@link Endpoint#listenAndServe()} runs. */
	SERVING,

	/**
	 * An incarnation is on its way out: closing, or still in a method that has to end.
	 */
	CLOSING,

	/** Crashed, or returned in mode {@code ALWAYS}, and waiting for its next start. */
	BACKOFF,

	/** Returned by itself; stays so until an operator's start. */
	FINISHED,

	/** Given up; stays so until an operator's start. */
	DROPPED,

	/** Stopped by an operator, or with the broker. */
	STOPPED;

	/**
	 * Whether the endpoint has ended by itself, as {@link #FINISHED} or {@link #DROPPED}.
	 * A broker all of whose endpoints have ended terminates, unless it was told to keep
	 * serving.
	 * @return {@code true} if it has ended
	 */
	public boolean isEnded() {
		return this == FINISHED || this == DROPPED;
	}

}
