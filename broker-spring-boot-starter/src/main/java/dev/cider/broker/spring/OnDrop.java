package dev.cider.broker.spring;

/**
 * What a drop of an endpoint does to the application.
 */
public enum OnDrop {

	/** Nothing: the application goes on without the endpoint. */
	NONE,

	/** The drop is final and ends the application with exit code 1. */
	SHUTDOWN

}
