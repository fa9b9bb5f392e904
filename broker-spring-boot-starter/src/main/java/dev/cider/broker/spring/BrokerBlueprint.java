package dev.cider.broker.spring;

import java.time.Duration;
import java.util.List;

import dev.cider.broker.Broker;
import dev.cider.broker.BrokerMonitor;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointOptions;

/**
 * Supplies {@link BrokerLifecycle} with the endpoints, options and monitors of each
 * broker that it builds. The auto-configuration derives the blueprint from the bean
 * factory and the properties; declare a bean of this type to replace it.
 */
public interface BrokerBlueprint {

	/**
	 * The ids of all endpoints. Creates no factory.
	 * @return the ids in the order of registration
	 */
	List<String> ids();

	/**
	 * The options of one endpoint.
	 * @param id one of {@link #ids()}
	 * @return the same options at every call
	 * @throws dev.cider.broker.UnknownEndpointException for any other id
	 */
	EndpointOptions options(String id);

	/**
	 * The effect that a drop of one endpoint has on health and on the application.
	 * @param id one of {@link #ids()}
	 * @return the same effect at every call
	 * @throws dev.cider.broker.UnknownEndpointException for any other id
	 */
	default DropEffect dropEffect(String id) {
		options(id);
		return DropEffect.defaults();
	}

	/**
	 * The options of an endpoint that the application adds while the broker serves.
	 * @param id the endpoint's id
	 * @param factory its factory
	 * @param options what the application has passed
	 * @return the options to add it with, for example with what properties set for its id
	 * @throws IllegalArgumentException if they contradict each other
	 */
	default EndpointOptions addedOptions(String id, EndpointFactory factory, EndpointOptions options) {
		return options;
	}

	/**
	 * The effect that a drop of an endpoint has that the application adds.
	 * @param id the endpoint's id
	 * @return the effect
	 */
	default DropEffect addedDropEffect(String id) {
		return DropEffect.defaults();
	}

	/**
	 * A builder for the next broker.
	 * @return a new builder
	 */
	Broker.Builder builder();

	/**
	 * Registers all endpoints with a broker that was just built, except for those whose
	 * ids it {@linkplain Broker#endpoints() knows} already: the application has removed
	 * such an endpoint and added another in its place.
	 * @param broker the broker
	 */
	void registerEndpoints(Broker broker);

	/**
	 * The monitors that each broker tells.
	 * @return the monitors in their order
	 */
	List<BrokerMonitor> monitors();

	/**
	 * The longest time that {@link BrokerLifecycle#stop(Runnable)} waits for the
	 * endpoints before it returns. The wait is needed if Spring stops a bean that the
	 * endpoints use as soon as that call returns.
	 * @return the time; zero for no wait
	 */
	Duration stopWait();

}
