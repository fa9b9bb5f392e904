package dev.cider.broker.spring.health;

import java.util.stream.Stream;

import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.UnknownEndpointException;
import dev.cider.broker.spring.BrokerLifecycle;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthContributor;

/**
 * The endpoints, each a contributor of its own. One is down while it is given up or, if
 * so configured, does not serve. One that has finished, or that an operator has stopped,
 * is no fault.
 * <p>
 * The status of the whole, or of a group, is what Spring Boot makes of the statuses of
 * the endpoints in it. One that is not critical must not make these down, so among the
 * others it is up whatever its state. Asked for by its own name, as in
 * {@code /actuator/health/broker/tcp}, it is down like any other.
 */
public class BrokerHealthContributor implements CompositeHealthContributor {

	private final BrokerLifecycle lifecycle;

	private final DownWhen downWhen;

	/**
	 * A new contributor.
	 * @param lifecycle the broker to look at
	 * @param downWhen when an endpoint is down
	 */
	public BrokerHealthContributor(BrokerLifecycle lifecycle, DownWhen downWhen) {
		this.lifecycle = lifecycle;
		this.downWhen = downWhen;
	}

	/**
	 * One endpoint by itself.
	 * @param id the endpoint's id
	 * @return its own health; {@code null} if there is no such endpoint
	 */
	@Override
	public @Nullable HealthContributor getContributor(String id) {
		try {
			this.lifecycle.endpoint(id);
		}
		catch (UnknownEndpointException ex) {
			return null;
		}
		return new EndpointHealthIndicator(() -> this.lifecycle.endpoint(id), this::isDown, this::isCritical);
	}

	/**
	 * All endpoints as parts of the whole, seen in one look.
	 * @return the endpoints in the order of registration
	 */
	@Override
	public Stream<Entry> stream() {
		return this.lifecycle.endpoints()
			.stream()
			.map((endpoint) -> new Entry(endpoint.id(), new EndpointHealthIndicator(() -> endpoint,
					(seen) -> isCritical(seen) && isDown(seen), this::isCritical)));
	}

	private boolean isDown(EndpointSnapshot endpoint) {
		return this.downWhen.isDown(endpoint, this.lifecycle.options(endpoint.id()).autoStart());
	}

	private boolean isCritical(EndpointSnapshot endpoint) {
		return this.lifecycle.dropEffect(endpoint.id()).critical();
	}

}
