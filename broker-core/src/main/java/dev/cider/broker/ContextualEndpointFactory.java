package dev.cider.broker;

/**
 * An {@link EndpointFactory} whose instances want to know which incarnation they are.
 */
@FunctionalInterface
public interface ContextualEndpointFactory extends EndpointFactory {

	/**
	 * Makes a new instance, under the rules of {@link EndpointFactory#create()}.
	 * @param context the view that this one incarnation has of itself
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
