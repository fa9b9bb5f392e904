package dev.cider.broker.spring;

import dev.cider.broker.EndpointOptions;

/**
 * A bean that may change the options of every endpoint, after the properties were applied
 * to them. Several such beans are called in their order, before the first start. The
 * resulting options hold for the life of the context.
 */
@FunctionalInterface
public interface EndpointOptionsCustomizer {

	/**
	 * Changes the options of one endpoint.
	 * @param id the endpoint's id
	 * @param options the builder of its options
	 */
	void customize(String id, EndpointOptions.Builder options);

}
