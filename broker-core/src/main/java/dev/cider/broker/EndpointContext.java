package dev.cider.broker;

/**
 * What one incarnation of an endpoint may know of itself. All methods may be called from
 * any thread and return at once.
 */
public interface EndpointContext {

	/**
	 * The id under which the endpoint was registered.
	 * @return the id
	 */
	String id();

	/**
	 * The number of this incarnation.
	 * @return 1 for the first one of this endpoint
	 */
	long incarnation();

	/**
	 * Tells that this incarnation serves now: it is bound, connected, subscribed. Waited
	 * for if the endpoint {@linkplain EndpointOptions#explicitReady() says that it will
	 * call this}, or has a start timeout; it is then {@link EndpointState#STARTING} until
	 * this call, and crashes in phase {@link CrashPhase#START} if a start timeout passes
	 * first. Calls after the first do nothing.
	 */
	void ready();

	/**
	 * Tells that this incarnation is alive. With a heartbeat timeout it must be called
	 * more often than that while the endpoint is {@link EndpointState#SERVING}, or the
	 * incarnation crashes in phase {@link CrashPhase#HANG}. Costs a look at the clock and
	 * one volatile write.
	 */
	void heartbeat();

	/**
	 * Whether this incarnation was asked to close, or has ended. Loops that cannot be
	 * interrupted may look here.
	 * @return {@code true} from the moment a close is asked for; never {@code false}
	 * again
	 */
	boolean closing();

}
