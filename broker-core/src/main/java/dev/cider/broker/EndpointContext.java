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
	 * Whether this incarnation was asked to close, or has ended. Loops that cannot be
	 * interrupted may look here.
	 * @return {@code true} from the moment a close is asked for; never {@code false}
	 * again
	 */
	boolean closing();

}
