package dev.cider.broker;

/**
 * An {@link EndpointFactory} whose instances get an {@link EndpointContext}: they know
 * their incarnation and can report that they are ready and alive.
 */
@FunctionalInterface
public interface ContextualEndpointFactory extends EndpointFactory {

	/**
	 * Makes a new instance, under the rules of {@link EndpointFactory#create()}.
	 * @param context the context of the new incarnation
	 * @return an instance that was never returned before
	 * @throws Exception if no instance can be made
	 */
	Endpoint create(EndpointContext context) throws Exception;

	/**
	 * Not for a contextual factory: the broker always calls
	 * {@link #create(EndpointContext)}.
	 * @throws UnsupportedOperationException always
	 */
	@Override
	default Endpoint create() {
		throw new UnsupportedOperationException(
				"A ContextualEndpointFactory needs a context: call create(EndpointContext)");
	}

}
