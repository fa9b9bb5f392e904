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
	 * it, never twice at the same time for one endpoint unless an earlier incarnation was
	 * abandoned.
	 * <p>
	 * The incarnation crashes in phase {@link CrashPhase#CREATE} if this method throws,
	 * returns {@code null}, or returns an instance that this broker has seen before. If
	 * the endpoint is stopped during this call, the broker interrupts the thread. An
	 * instance that is returned nevertheless is closed and never served.
	 * @return an instance that was never returned before
	 * @throws Exception if no instance can be made
	 */
	Endpoint create() throws Exception;

}
