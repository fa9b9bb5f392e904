package dev.cider.broker.spring.health;

import java.util.function.Predicate;
import java.util.function.Supplier;

import dev.cider.broker.EndpointSnapshot;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * The health of one endpoint. The details are its state, whether it is critical, and what
 * it waits for, if it does.
 */
class EndpointHealthIndicator extends AbstractHealthIndicator {

	private final Supplier<EndpointSnapshot> endpoint;

	private final Predicate<EndpointSnapshot> down;

	private final Predicate<EndpointSnapshot> critical;

	EndpointHealthIndicator(Supplier<EndpointSnapshot> endpoint, Predicate<EndpointSnapshot> down,
			Predicate<EndpointSnapshot> critical) {
		super("Health check of an endpoint failed");
		this.endpoint = endpoint;
		this.down = down;
		this.critical = critical;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		EndpointSnapshot seen = this.endpoint.get();
		(this.down.test(seen) ? builder.down() : builder.up()).withDetail("state", seen.state().name())
			.withDetail("critical", this.critical.test(seen));
		String waitingFor = seen.waitingFor();
		if (waitingFor != null) {
			builder.withDetail("waitingFor", waitingFor);
		}
	}

}
