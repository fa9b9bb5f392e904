package dev.cider.broker.spring.health;

import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Stream;

import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.UnknownEndpointException;
import dev.cider.broker.spring.BrokerLifecycle;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthContributor;

/**
 * The health of the endpoints, with a contributor for each. An endpoint is down while it
 * is dropped, while an incarnation that does not end keeps it from going on or, if so
 * configured, while it does not serve. An endpoint that has finished, or that an operator
 * has stopped, is up.
 * <p>
 * Spring Boot aggregates the statuses of the endpoints to that of the broker or of a
 * group. An endpoint that is not critical must not make an aggregate down, so as part of
 * an aggregate it is always up. Under its own path, as in
 * {@code /actuator/health/broker/tcp}, it shows its real status.
 */
public class BrokerHealthContributor implements CompositeHealthContributor {

	private final BrokerLifecycle lifecycle;

	private final Function<String, DownWhen> downWhen;

	/**
	 * A new contributor.
	 * @param lifecycle the broker to read
	 * @param downWhen when an endpoint is down, the same for all endpoints
	 */
	public BrokerHealthContributor(BrokerLifecycle lifecycle, DownWhen downWhen) {
		this(lifecycle, (id) -> downWhen);
	}

	/**
	 * A new contributor.
	 * @param lifecycle the broker to read
	 * @param downWhen when the endpoint with an id is down
	 */
	public BrokerHealthContributor(BrokerLifecycle lifecycle, Function<String, DownWhen> downWhen) {
		this.lifecycle = lifecycle;
		this.downWhen = downWhen;
	}

	/**
	 * The health of a single endpoint, not as part of an aggregate.
	 * @param id the endpoint's id
	 * @return its real status; {@code null} if there is no such endpoint
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
	 * All endpoints as parts of an aggregate, from one reading of the broker.
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
		return holdsUnlessGone(() -> this.downWhen.apply(endpoint.id())
			.isDown(endpoint, this.lifecycle.options(endpoint.id()).autoStart()));
	}

	private boolean isCritical(EndpointSnapshot endpoint) {
		return holdsUnlessGone(() -> this.lifecycle.dropEffect(endpoint.id()).critical());
	}

	/** An endpoint that is removed after its snapshot was taken is no fault. */
	private static boolean holdsUnlessGone(BooleanSupplier fault) {
		try {
			return fault.getAsBoolean();
		}
		catch (UnknownEndpointException gone) {
			return false;
		}
	}

}
