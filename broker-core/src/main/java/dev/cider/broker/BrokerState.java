package dev.cider.broker;

/**
 * The state of a broker. It passes through these in order, and never back.
 */
public enum BrokerState {

	/** Built; factories and monitors may be registered. */
	INITIALISED,

	/** Supervising. */
	SERVING,

	/** Stopping its endpoints; nothing is launched any more. */
	TERMINATING,

	/** All endpoints have ended or were abandoned. */
	TERMINATED

}
