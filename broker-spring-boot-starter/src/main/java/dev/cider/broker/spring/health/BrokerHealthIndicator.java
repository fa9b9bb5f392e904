package dev.cider.broker.spring.health;

import java.util.List;

import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.spring.BrokerLifecycle;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

/**
 * Is down while a critical endpoint is given up or, if so configured, does not serve. One
 * that has finished, or that an operator has stopped, is no fault. The details are the
 * endpoints' states by id.
 */
public class BrokerHealthIndicator extends AbstractHealthIndicator {

	private final BrokerLifecycle lifecycle;

	private final DownWhen downWhen;

	/**
	 * A new indicator.
	 * @param lifecycle the broker to look at
	 * @param downWhen when a critical endpoint makes health down
	 */
	public BrokerHealthIndicator(BrokerLifecycle lifecycle, DownWhen downWhen) {
		super("Broker health check failed");
		this.lifecycle = lifecycle;
		this.downWhen = downWhen;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		List<EndpointSnapshot> endpoints = this.lifecycle.endpoints();
		builder.status(endpoints.stream().anyMatch(this::isDown) ? Status.DOWN : Status.UP);
		endpoints.forEach((endpoint) -> builder.withDetail(endpoint.id(), endpoint.state().name()));
	}

	private boolean isDown(EndpointSnapshot endpoint) {
		return this.lifecycle.dropEffect(endpoint.id()).critical()
				&& this.downWhen.isDown(endpoint, this.lifecycle.options(endpoint.id()).autoStart());
	}

}
