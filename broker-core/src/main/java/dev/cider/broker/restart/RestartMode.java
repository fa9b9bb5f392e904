package dev.cider.broker.restart;

/**
 * After which kind of exit an endpoint is started again.
 */
public enum RestartMode {

	/**
	 * After a crash, unless that happens too often, and after a normal return.
	 */
	ALWAYS,

	/**
	 * After a crash, unless that happens too often. A normal return finishes the
	 * endpoint.
	 */
	ON_FAILURE,

	/**
	 * Never: the first crash drops the endpoint, a normal return finishes it.
	 */
	NEVER

}
