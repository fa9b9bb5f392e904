package dev.cider.broker.spring.actuate;

/**
 * The health of the broker, and the part that an endpoint has in it.
 */
public enum EndpointHealth {

	/** No critical endpoint is down. */
	UP,

	/** A critical endpoint is down. */
	DOWN

}
