package dev.cider.broker.spring;

import dev.cider.broker.EndpointOptions;

/**
 * A bean that may change the options of every endpoint, after the properties were applied
 * to them. Several are asked in their order, before the first start; what the last one
 * leaves holds for the life of the context.
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
