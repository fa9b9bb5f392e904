package dev.cider.broker;

/**
 * What an instance can ask and tell about its own incarnation. All methods may be called
 * from any thread and return at once.
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
	 * Which one the endpoint is of several with the same factory, for example to choose
	 * the part of the work that is its own. Every incarnation of the endpoint has the
	 * same number.
	 * @return the number from 1 to {@link #instances()}; 1 if the endpoint has its
	 * factory for itself
	 * @see EndpointOptions.Builder#instance(int, int)
	 */
	default int instance() {
		return 1;
	}

	/**
	 * How many endpoints have the same factory, as was configured when this endpoint was
	 * registered.
	 * @return the number of endpoints; 1 if the endpoint has its factory for itself
	 */
	default int instances() {
		return 1;
	}

	/**
	 * Tells that this incarnation serves now: it is bound, connected, subscribed. The
	 * broker waits for this call if the endpoint has
	 * {@link EndpointOptions#explicitReady()} or a start timeout: until the call it is
	 * {@link EndpointState#STARTING}, and if a start timeout passes first, the
	 * incarnation crashes in phase {@link CrashPhase#START}. Calls after the first do
	 * nothing.
	 */
	void ready();

	/**
	 * Tells that this incarnation is alive. With a heartbeat timeout, the instance must
	 * call this at intervals shorter than the timeout while the endpoint is
	 * {@link EndpointState#SERVING}; otherwise the incarnation crashes in phase
	 * {@link CrashPhase#HANG}. A call costs one read of the clock and one volatile write.
	 */
	void heartbeat();

	/**
	 * Whether this incarnation was asked to close, or has ended. A loop that cannot be
	 * interrupted may ask here.
	 * @return {@code true} from the moment a close is asked for; never {@code false}
	 * again
	 */
	boolean closing();

}
