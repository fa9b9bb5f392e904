package dev.cider.broker.spring.metrics;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;

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
 * <li>{@code broker.endpoint.starts}, {@code .restarts}, {@code .crashes},
 * {@code .drops}: function counters; tag {@code endpoint}</li>
 * <li>{@code broker.endpoint.up}: gauge, 1 while serving, else 0; tag
 * {@code endpoint}</li>
 * <li>{@code broker.endpoint.uptime}: time gauge, how long the incarnation has been
 * serving, 0 if it is not; tag {@code endpoint}</li>
 * <li>{@code broker.endpoint.abandoned}: gauge, abandoned incarnations that are still
 * alive; tag {@code endpoint}</li>
 * </ul>
 * They are all registered before the first endpoint starts.
 *
 * @see RecoveryTimer
 * @see LostEvents
 */
public class BrokerMetrics implements MeterBinder {

	private static final String ENDPOINTS = "broker.endpoints";

	private static final String PREFIX = "broker.endpoint.";

	private final BrokerOperations operations;

	/**
	 * The clock of {@link EndpointSnapshot#sinceNanos()}, because the wall clock may
	 * jump.
	 */
	private final LongSupplier nanoTime;

	/**
	 * New meters.
	 * @param operations the broker to read
	 */
	public BrokerMetrics(BrokerOperations operations) {
		this(operations, System::nanoTime);
	}

	BrokerMetrics(BrokerOperations operations, LongSupplier nanoTime) {
		this.operations = operations;
		this.nanoTime = nanoTime;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		for (EndpointState state : EndpointState.values()) {
			Gauge.builder(ENDPOINTS, this.operations, (broker) -> count(broker, state))
				.description("Endpoints in a state")
				.tag("state", state.name())
				.register(registry);
		}
		this.operations.endpoints().forEach((endpoint) -> bindTo(registry, endpoint.id()));
	}

	private void bindTo(MeterRegistry registry, String id) {
		counter(registry, id, "starts", "Incarnations launched", EndpointSnapshot::starts);
		counter(registry, id, "restarts", "Incarnations launched again", EndpointSnapshot::restarts);
		counter(registry, id, "crashes", "Crashes of the endpoint", EndpointSnapshot::crashes);
		counter(registry, id, "drops", "How often the endpoint was dropped", EndpointSnapshot::drops);
		gauge(registry, id, "up", "Whether the endpoint is serving", (endpoint) -> isUp(endpoint) ? 1 : 0);
		gauge(registry, id, "abandoned", "Abandoned incarnations that are still alive", EndpointSnapshot::abandoned);
		TimeGauge
			.builder(PREFIX + "uptime", this.operations, TimeUnit.NANOSECONDS,
					(broker) -> uptimeNanos(broker.endpoint(id)))
			.description("How long the endpoint has been serving")
			.tag("endpoint", id)
			.register(registry);
	}

	private void counter(MeterRegistry registry, String id, String name, String description,
			ToDoubleFunction<EndpointSnapshot> value) {
		FunctionCounter.builder(PREFIX + name, this.operations, (broker) -> value.applyAsDouble(broker.endpoint(id)))
			.description(description)
			.tag("endpoint", id)
			.register(registry);
	}

	private void gauge(MeterRegistry registry, String id, String name, String description,
			ToDoubleFunction<EndpointSnapshot> value) {
		Gauge.builder(PREFIX + name, this.operations, (broker) -> value.applyAsDouble(broker.endpoint(id)))
			.description(description)
			.tag("endpoint", id)
			.register(registry);
	}

	private static double count(BrokerOperations broker, EndpointState state) {
		return broker.endpoints().stream().filter((endpoint) -> endpoint.state() == state).count();
	}

	private static boolean isUp(EndpointSnapshot endpoint) {
		return endpoint.state() == EndpointState.SERVING;
	}

	private double uptimeNanos(EndpointSnapshot endpoint) {
		return isUp(endpoint) ? Math.max(0, this.nanoTime.getAsLong() - endpoint.sinceNanos()) : 0;
	}

}
