package dev.cider.broker;

/**
 * What an incarnation was doing when it crashed.
 */
public enum CrashPhase {

	/**
	 * Its factory threw, returned {@code null} or an instance seen before, or no thread
	 * could be had for it.
	 */
	CREATE,

	/**
	 * Its {@link Endpoint#listenAndServe()} threw.
	 */
	SERVE

}
