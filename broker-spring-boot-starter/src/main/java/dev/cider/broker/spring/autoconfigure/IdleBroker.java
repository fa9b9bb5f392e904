package dev.cider.broker.spring.autoconfigure;

import java.time.Duration;
import java.util.List;

import dev.cider.broker.Broker;
import dev.cider.broker.BrokerMonitor;
import dev.cider.broker.EndpointOptions;
import dev.cider.broker.UnknownEndpointException;
import dev.cider.broker.spring.BrokerBlueprint;
import dev.cider.broker.spring.BrokerLifecycle;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ListableBeanFactory;

/**
 * A broker without endpoints that nobody starts. The beans that show the broker get it
 * where a test has replaced the lifecycle by a mock of
 * {@link dev.cider.broker.BrokerOperations}: the mock is no lifecycle, and belongs to the
 * test alone.
 */
final class IdleBroker implements BrokerBlueprint {

	private IdleBroker() {
	}

	/**
	 * The lifecycle of a context, or an idle one if the context has none of its own.
	 * @param beanFactory the context's
	 * @param injected what Spring injects: without one here, that of a parent context
	 */
	static BrokerLifecycle unlessOwn(ListableBeanFactory beanFactory, @Nullable BrokerLifecycle injected) {
		boolean own = beanFactory.getBeanNamesForType(BrokerLifecycle.class, true, false).length > 0;
		return (injected != null && own) ? injected : new BrokerLifecycle(new IdleBroker(), (event) -> {
		}, BrokerLifecycle.PHASE, false);
	}

	@Override
	public List<String> ids() {
		return List.of();
	}

	@Override
	public EndpointOptions options(String id) {
		throw new UnknownEndpointException(id);
	}

	@Override
	public Broker.Builder builder() {
		return Broker.builder();
	}

	@Override
	public void registerEndpoints(Broker broker) {
		// There are none.
	}

	@Override
	public List<BrokerMonitor> monitors() {
		return List.of();
	}

	@Override
	public Duration stopWait() {
		return Duration.ZERO;
	}

}
