package dev.cider.broker.spring.metrics;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointSnapshot;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * The meters {@code broker.endpoint.recovery}, tag {@code endpoint}, and
 * {@code broker.endpoints.recovery}, over all endpoints: timers, from a crash until the
 * endpoint serves again. After several crashes without serving in between, the time since
 * the first one is recorded. If an operator stops the endpoint, or if it finishes,
 * nothing is recorded. They are registered before the first endpoint starts; that of an
 * endpoint that is added later, with its first recovery.
 *
 * @see RecoveryTimer
 * @see RecoveryObservationHandler
 */
public class RecoveryMeters implements MeterBinder {

	private static final String ONE = "broker.endpoint.recovery";

	private static final String ALL = "broker.endpoints.recovery";

	private final BrokerOperations operations;

	private final PerEndpointMeters perEndpoint;

	/** Whether each endpoint has a timer; decided when the meters are bound. */
	private volatile boolean eachIsTimed;

	private final List<MeterRegistry> registries = new CopyOnWriteArrayList<>();

	/** The endpoints that have timers: more may be added while the broker serves. */
	private final Set<String> timed = ConcurrentHashMap.newKeySet();

	/**
	 * New meters.
	 * @param operations the broker whose endpoints are timed
	 * @param perEndpoint whether each endpoint has a timer of its own
	 */
	public RecoveryMeters(BrokerOperations operations, PerEndpointMeters perEndpoint) {
		this.operations = operations;
		this.perEndpoint = perEndpoint;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		List<EndpointSnapshot> endpoints = this.operations.endpoints();
		this.eachIsTimed = this.perEndpoint.areWanted(endpoints.size());
		all(registry);
		if (this.eachIsTimed) {
			endpoints.forEach((endpoint) -> {
				this.timed.add(endpoint.id());
				one(registry, endpoint.id());
			});
		}
		this.registries.add(registry);
	}

	private static Timer all(MeterRegistry registry) {
		return Timer.builder(ALL)
			.description("From a crash until the endpoint serves again, over all endpoints")
			.register(registry);
	}

	private static Timer one(MeterRegistry registry, String id) {
		return Timer.builder(ONE)
			.description("From a crash until the endpoint serves again")
			.tag("endpoint", id)
			.register(registry);
	}

	/**
	 * Records a recovery.
	 * @param id the endpoint's id
	 * @param down how long the endpoint did not serve
	 */
	public void record(String id, Duration down) {
		this.registries.forEach((registry) -> {
			all(registry).record(down);
			if (this.eachIsTimed && mayTime(id)) {
				one(registry, id).record(down);
			}
		});
	}

	private boolean mayTime(String id) {
		return this.timed.contains(id) || this.perEndpoint.areWanted(this.timed.size() + 1) && this.timed.add(id);
	}

	/**
	 * Removes the timer of an endpoint that was removed. No recovery of it may be
	 * recorded after that.
	 * @param id the endpoint's id
	 */
	public void remove(String id) {
		if (this.timed.remove(id)) {
			this.registries.forEach((registry) -> registry.remove(one(registry, id)));
		}
	}

}
