package dev.cider.broker;

/**
 * Makes the instances of one endpoint.
 *
 * @see ContextualEndpointFactory
 */
@FunctionalInterface
public interface EndpointFactory {

	/**
	 * Makes a new instance. Called once per incarnation, on the thread that will serve
	 * it, never twice at the same time for one endpoint unless an earlier incarnation had
	 * to be abandoned.
	 * <p>
	 * To throw, to return {@code null} or to return an instance that this broker has seen
	 * before is a crash in phase {@link CrashPhase#CREATE}. If the endpoint is stopped
	 * meanwhile, the thread is interrupted, and an instance that is returned all the same
	 * is closed and never served.
	 * @return an instance that was never returned before
	 * @throws Exception if no instance can be made
	 */
	Endpoint create() throws Exception;

}
