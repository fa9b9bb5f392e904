package dev.cider.broker.spring.metrics;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import dev.cider.broker.BrokerMonitor;
import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointChange;
import dev.cider.broker.EndpointCrashReport;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * The meters {@code broker.endpoint.recovery}, tag {@code endpoint}, and
 * {@code broker.endpoints.recovery}, over all endpoints: timers, from a crash until the
 * endpoint serves again. After several crashes without serving in between, the time since
 * the first one is recorded. If an operator stops the endpoint, or if it finishes,
 * nothing is recorded.
 */
public class RecoveryTimer implements MeterBinder, BrokerMonitor {

	private static final String ONE = "broker.endpoint.recovery";

	private static final String ALL = "broker.endpoints.recovery";

	private final BrokerOperations operations;

	private final PerEndpointMeters perEndpoint;

	/** Whether each endpoint has a timer; decided when the meters are bound. */
	private volatile boolean eachIsTimed;

	private final List<MeterRegistry> registries = new CopyOnWriteArrayList<>();

	/**
	 * The first crash of each endpoint that is down, in {@link System#nanoTime()} because
	 * the wall clock may jump. The mailbox threads of a former broker and of its
	 * successor may use this map at the same time.
	 */
	private final Map<String, Long> crashedAt = new ConcurrentHashMap<>();

	/**
	 * A new timer, for each endpoint too if there are not too many.
	 * @param operations the broker whose endpoints are timed
	 */
	public RecoveryTimer(BrokerOperations operations) {
		this(operations, PerEndpointMeters.AUTO);
	}

	/**
	 * A new timer.
	 * @param operations the broker whose endpoints are timed
	 * @param perEndpoint whether each endpoint has a timer of its own
	 */
	public RecoveryTimer(BrokerOperations operations, PerEndpointMeters perEndpoint) {
		this.operations = operations;
		this.perEndpoint = perEndpoint;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		List<EndpointSnapshot> endpoints = this.operations.endpoints();
		this.eachIsTimed = this.perEndpoint.areWanted(endpoints.size());
		all(registry);
		if (this.eachIsTimed) {
			endpoints.forEach((endpoint) -> one(registry, endpoint.id()));
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

	@Override
	public void crashed(EndpointCrashReport report) {
		// changed() gets the crash too, in order with the other changes.
	}

	@Override
	public void changed(EndpointChange change) {
		EndpointSnapshot before = change.from();
		EndpointSnapshot after = change.to();
		if (before.state() == EndpointState.REGISTERED) {
			// A new broker: the time without a broker is no recovery.
			this.crashedAt.remove(after.id());
		}
		if (after.crashes() > before.crashes()) {
			// The state after a crash begins at the moment of the crash.
			this.crashedAt.putIfAbsent(after.id(), after.sinceNanos());
		}
		if (after.state() == EndpointState.SERVING && before.state() != EndpointState.SERVING) {
			recovered(after);
		}
		else if (after.state() == EndpointState.STOPPED || after.state() == EndpointState.FINISHED) {
			this.crashedAt.remove(after.id());
		}
	}

	private void recovered(EndpointSnapshot endpoint) {
		Long crashed = this.crashedAt.remove(endpoint.id());
		if (crashed != null) {
			long down = Math.max(0, endpoint.sinceNanos() - crashed);
			this.registries.forEach((registry) -> record(registry, endpoint.id(), down));
		}
	}

	private void record(MeterRegistry registry, String id, long nanos) {
		all(registry).record(nanos, TimeUnit.NANOSECONDS);
		if (this.eachIsTimed) {
			one(registry, id).record(nanos, TimeUnit.NANOSECONDS);
		}
	}

}
