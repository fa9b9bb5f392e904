package dev.cider.broker.spring;

/**
 * The action that follows a drop of an endpoint.
 */
public enum OnDrop {

	/** Nothing: the application goes on without the endpoint. */
	NONE,

	/** The drop is final and ends the application with exit code 1. */
	SHUTDOWN

}
