package dev.cider.broker.spring;

import java.time.Duration;
import java.util.List;

import dev.cider.broker.Broker;
import dev.cider.broker.BrokerMonitor;
import dev.cider.broker.EndpointOptions;

/**
 * What {@link BrokerLifecycle} builds each of its brokers from. The auto-configuration
 * reads it off the bean factory and the properties; declare a bean of this type to
 * replace all of that.
 */
public interface BrokerBlueprint {

	/**
	 * The ids of all endpoints, known without making any of their factories.
	 * @return the ids in the order of registration
	 */
	List<String> ids();

	/**
	 * How one endpoint is supervised.
	 * @param id one of {@link #ids()}
	 * @return the same options at every call
	 * @throws dev.cider.broker.UnknownEndpointException for any other id
	 */
	EndpointOptions options(String id);

	/**
	 * What a drop of one endpoint means for the application.
	 * @param id one of {@link #ids()}
	 * @return the same at every call
	 * @throws dev.cider.broker.UnknownEndpointException for any other id
	 */
	default DropEffect dropEffect(String id) {
		options(id);
		return DropEffect.defaults();
	}

	/**
	 * A builder for the next broker.
	 * @return a new builder
	 */
	Broker.Builder builder();

	/**
	 * Registers all endpoints with a broker that was just built.
	 * @param broker the broker
	 */
	void registerEndpoints(Broker broker);

	/**
	 * Who is told what happens.
	 * @return the monitors in their order
	 */
	List<BrokerMonitor> monitors();

	/**
	 * How long {@link BrokerLifecycle#stop(Runnable)} waits for the endpoints before it
	 * returns, at most. Needed if something that they use is stopped right after that.
	 * @return zero not to wait
	 */
	Duration stopWait();

}
