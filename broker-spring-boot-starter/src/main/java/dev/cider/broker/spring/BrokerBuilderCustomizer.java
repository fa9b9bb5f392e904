package dev.cider.broker.spring;

import dev.cider.broker.Broker;

/**
 * A bean that may change the builder of every broker that {@link BrokerLifecycle} builds,
 * after the properties were applied to it. Several such beans are called in their order.
 */
@FunctionalInterface
public interface BrokerBuilderCustomizer {

	/**
	 * Changes the builder.
	 * @param builder the builder of the next broker
	 */
	void customize(Broker.Builder builder);

}
