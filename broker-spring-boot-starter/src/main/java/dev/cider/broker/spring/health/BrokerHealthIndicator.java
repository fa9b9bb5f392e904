package dev.cider.broker.spring.health;

import java.util.List;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/**
 * Is down while an endpoint is given up. One that has finished, or that an operator has
 * stopped, is no fault. The details are the endpoints' states by id.
 */
public class BrokerHealthIndicator extends AbstractHealthIndicator {

	private final BrokerOperations operations;

	/**
	 * A new indicator.
	 * @param operations the broker to look at
	 */
	public BrokerHealthIndicator(BrokerOperations operations) {
		super("Broker health check failed");
		this.operations = operations;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		List<EndpointSnapshot> endpoints = this.operations.endpoints();
		boolean dropped = endpoints.stream().anyMatch((endpoint) -> endpoint.state() == EndpointState.DROPPED);
		builder.status(dropped ? Status.DOWN : Status.UP);
		endpoints.forEach((endpoint) -> builder.withDetail(endpoint.id(), endpoint.state().name()));
	}

}
