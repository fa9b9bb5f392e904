package dev.cider.broker;

/**
 * What an incarnation was doing when it crashed.
 */
public enum CrashPhase {

	/**
	 * Its factory threw, returned {@code null} or an instance seen before, or no thread
	 * could be created for it.
	 */
	CREATE,

	/**
	 * It did not become ready within its start timeout.
	 */
	START,

	/**
	 * Its {@link Endpoint#listenAndServe()} threw.
	 */
	SERVE,

	/**
	 * It served, but gave no {@linkplain EndpointContext#heartbeat() heartbeat} within
	 * the heartbeat timeout.
	 */
	HANG

}
