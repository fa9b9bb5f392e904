package dev.cider.broker.spring.metrics;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * The meters that read the snapshots and so have exact values:
 * <ul>
 * <li>{@code broker.endpoints}: gauge, how many endpoints are in a state; tag
 * {@code state}</li>
 * <li>{@code broker.endpoints.starts}, {@code .restarts}, {@code .crashes},
 * {@code .drops}: function counters, and {@code broker.endpoints.abandoned}: gauge; over
 * all endpoints, no tags</li>
 * <li>{@code broker.endpoint.starts}, {@code .restarts}, {@code .crashes},
 * {@code .drops}: function counters; tag {@code endpoint}</li>
 * <li>{@code broker.endpoint.up}: gauge, 1 while serving, else 0; tag
 * {@code endpoint}</li>
 * <li>{@code broker.endpoint.uptime}: time gauge, how long the incarnation has been
 * serving, 0 if it is not; tag {@code endpoint}</li>
 * <li>{@code broker.endpoint.abandoned}: gauge, abandoned incarnations that are still
 * alive; tag {@code endpoint}</li>
 * </ul>
 * They are all registered before the first endpoint starts. Those with the tag
 * {@code endpoint} are not, if {@link PerEndpointMeters} says so.
 *
 * @see RecoveryTimer
 * @see LostEvents
 */
public class BrokerMetrics implements MeterBinder {

	private static final String ALL = "broker.endpoints";

	private static final String ONE = "broker.endpoint.";

	private static final String STARTS = "Incarnations launched";

	private static final String RESTARTS = "Incarnations launched again";

	private static final String CRASHES = "Crashes";

	private static final String DROPS = "Endpoints dropped";

	private static final String ABANDONED = "Abandoned incarnations that are still alive";

	private final BrokerOperations operations;

	private final PerEndpointMeters perEndpoint;

	/**
	 * The clock of {@link EndpointSnapshot#sinceNanos()}, because the wall clock may
	 * jump.
	 */
	private final LongSupplier nanoTime;

	/** A registry holds what it reads weakly; this bean lives as long as the context. */
	private final EndpointTotals totals;

	/**
	 * New meters, those of each endpoint included if there are not too many.
	 * @param operations the broker to read
	 */
	public BrokerMetrics(BrokerOperations operations) {
		this(operations, PerEndpointMeters.AUTO);
	}

	/**
	 * New meters.
	 * @param operations the broker to read
	 * @param perEndpoint whether each endpoint has meters of its own
	 */
	public BrokerMetrics(BrokerOperations operations, PerEndpointMeters perEndpoint) {
		this(operations, perEndpoint, System::nanoTime);
	}

	BrokerMetrics(BrokerOperations operations, PerEndpointMeters perEndpoint, LongSupplier nanoTime) {
		this.operations = operations;
		this.perEndpoint = perEndpoint;
		this.nanoTime = nanoTime;
		this.totals = new EndpointTotals(nanoTime);
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		bindTotalsTo(registry);
		List<EndpointSnapshot> endpoints = this.operations.endpoints();
		if (this.perEndpoint.areWanted(endpoints.size())) {
			endpoints.forEach((endpoint) -> bindTo(registry, endpoint.id()));
		}
	}

	private void bindTotalsTo(MeterRegistry registry) {
		for (EndpointState state : EndpointState.values()) {
			Gauge.builder(ALL, this.operations, read((pass) -> pass.inState(state)))
				.description("Endpoints in a state")
				.tag("state", state.name())
				.register(registry);
		}
		total(registry, "starts", STARTS, EndpointTotals.Pass::starts);
		total(registry, "restarts", RESTARTS, EndpointTotals.Pass::restarts);
		total(registry, "crashes", CRASHES, EndpointTotals.Pass::crashes);
		total(registry, "drops", DROPS, EndpointTotals.Pass::drops);
		Gauge.builder(ALL + ".abandoned", this.operations, read(EndpointTotals.Pass::abandoned))
			.description(ABANDONED)
			.register(registry);
	}

	/**
	 * A registry holds the object of a meter weakly, so that is the broker, which the
	 * application holds; nobody may hold this binder.
	 */
	private ToDoubleFunction<BrokerOperations> read(ToLongFunction<EndpointTotals.Pass> value) {
		EndpointTotals all = this.totals;
		return (operations) -> all.of(operations, value);
	}

	private void total(MeterRegistry registry, String name, String description,
			ToLongFunction<EndpointTotals.Pass> value) {
		FunctionCounter.builder(ALL + "." + name, this.operations, read(value))
			.description(description + ", over all endpoints")
			.register(registry);
	}

	private void bindTo(MeterRegistry registry, String id) {
		counter(registry, id, "starts", STARTS, EndpointSnapshot::starts);
		counter(registry, id, "restarts", RESTARTS, EndpointSnapshot::restarts);
		counter(registry, id, "crashes", CRASHES, EndpointSnapshot::crashes);
		counter(registry, id, "drops", DROPS, EndpointSnapshot::drops);
		gauge(registry, id, "up", "Whether the endpoint is serving", (endpoint) -> isUp(endpoint) ? 1 : 0);
		gauge(registry, id, "abandoned", ABANDONED, EndpointSnapshot::abandoned);
		TimeGauge
			.builder(ONE + "uptime", this.operations, TimeUnit.NANOSECONDS,
					(broker) -> uptimeNanos(broker.endpoint(id)))
			.description("How long the endpoint has been serving")
			.tag("endpoint", id)
			.register(registry);
	}

	private void counter(MeterRegistry registry, String id, String name, String description,
			ToDoubleFunction<EndpointSnapshot> value) {
		FunctionCounter.builder(ONE + name, this.operations, (broker) -> value.applyAsDouble(broker.endpoint(id)))
			.description(description)
			.tag("endpoint", id)
			.register(registry);
	}

	private void gauge(MeterRegistry registry, String id, String name, String description,
			ToDoubleFunction<EndpointSnapshot> value) {
		Gauge.builder(ONE + name, this.operations, (broker) -> value.applyAsDouble(broker.endpoint(id)))
			.description(description)
			.tag("endpoint", id)
			.register(registry);
	}

	private static boolean isUp(EndpointSnapshot endpoint) {
		return endpoint.state() == EndpointState.SERVING;
	}

	private double uptimeNanos(EndpointSnapshot endpoint) {
		return isUp(endpoint) ? Math.max(0, this.nanoTime.getAsLong() - endpoint.sinceNanos()) : 0;
	}

}
