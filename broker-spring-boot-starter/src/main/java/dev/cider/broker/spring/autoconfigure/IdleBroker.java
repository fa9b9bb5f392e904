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
 * The blueprint of a broker that has no endpoints and never starts. A test may replace
 * the lifecycle by a mock of {@link dev.cider.broker.BrokerOperations}, which is no
 * lifecycle. The beans that show the broker get this idle one then.
 */
final class IdleBroker implements BrokerBlueprint {

	private IdleBroker() {
	}

	/**
	 * The lifecycle of a context, or an idle lifecycle if the context itself has none.
	 * @param beanFactory the bean factory of the context
	 * @param injected the lifecycle that Spring has injected, perhaps from a parent
	 * context
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
