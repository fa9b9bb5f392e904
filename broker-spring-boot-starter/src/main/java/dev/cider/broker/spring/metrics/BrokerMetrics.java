package dev.cider.broker.spring.metrics;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

import dev.cider.broker.BrokerMonitor;
import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointChange;
import dev.cider.broker.EndpointCrashReport;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import dev.cider.broker.UnknownEndpointException;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
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
 * {@code endpoint} are not, if {@link PerEndpointMeters} says so. Those of an endpoint
 * that is added or removed while the broker serves come and go with it, as this object is
 * told as a monitor; the totals keep what a removed endpoint has counted.
 *
 * @see RecoveryTimer
 * @see LostEvents
 */
public class BrokerMetrics implements MeterBinder, BrokerMonitor {

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

	/** Whether each endpoint has meters; decided when the meters are bound. */
	private volatile boolean eachIsMeasured;

	private final List<MeterRegistry> registries = new CopyOnWriteArrayList<>();

	/** The meters of each endpoint, in all registries. Guarded by its own lock. */
	private final Map<String, List<Runnable>> removers = new HashMap<>();

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
		synchronized (this.removers) {
			this.eachIsMeasured = this.perEndpoint.areWanted(endpoints.size());
			if (this.eachIsMeasured) {
				endpoints.forEach((endpoint) -> bindTo(registry, endpoint.id()));
			}
			this.registries.add(registry);
		}
	}

	@Override
	public void crashed(EndpointCrashReport report) {
		// The snapshots count the crashes.
	}

	@Override
	public void added(EndpointSnapshot endpoint) {
		this.totals.added(endpoint);
		bindIfWanted(endpoint.id());
	}

	/**
	 * The endpoint of a bean that was removed is registered again with the next start,
	 * which no monitor is told as an addition: its first change is the first sign of it.
	 */
	@Override
	public void changed(EndpointChange change) {
		if (this.eachIsMeasured && change.from().state() == EndpointState.REGISTERED) {
			bindIfWanted(change.from().id());
		}
	}

	private void bindIfWanted(String id) {
		synchronized (this.removers) {
			if (this.eachIsMeasured && !this.removers.containsKey(id)
					&& this.perEndpoint.areWanted(this.removers.size() + 1)) {
				this.registries.forEach((registry) -> bindTo(registry, id));
			}
		}
	}

	@Override
	public void removed(EndpointSnapshot endpoint) {
		this.totals.removed(endpoint);
		synchronized (this.removers) {
			List<Runnable> all = this.removers.remove(endpoint.id());
			if (all != null) {
				all.forEach(Runnable::run);
			}
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
		keep(registry, id,
				TimeGauge
					.builder(ONE + "uptime", this.operations, TimeUnit.NANOSECONDS,
							(broker) -> valueOf(broker, id, this::uptimeNanos))
					.description("How long the endpoint has been serving")
					.tag("endpoint", id)
					.register(registry));
	}

	private void keep(MeterRegistry registry, String id, Meter meter) {
		this.removers.computeIfAbsent(id, (each) -> new ArrayList<>()).add(() -> registry.remove(meter));
	}

	/** The endpoint is removed, and its meters are about to be. */
	private static double valueOf(BrokerOperations broker, String id, ToDoubleFunction<EndpointSnapshot> value) {
		try {
			return value.applyAsDouble(broker.endpoint(id));
		}
		catch (UnknownEndpointException gone) {
			return Double.NaN;
		}
	}

	private void counter(MeterRegistry registry, String id, String name, String description,
			ToDoubleFunction<EndpointSnapshot> value) {
		keep(registry, id,
				FunctionCounter.builder(ONE + name, this.operations, (broker) -> valueOf(broker, id, value))
					.description(description)
					.tag("endpoint", id)
					.register(registry));
	}

	private void gauge(MeterRegistry registry, String id, String name, String description,
			ToDoubleFunction<EndpointSnapshot> value) {
		keep(registry, id,
				Gauge.builder(ONE + name, this.operations, (broker) -> valueOf(broker, id, value))
					.description(description)
					.tag("endpoint", id)
					.register(registry));
	}

	private static boolean isUp(EndpointSnapshot endpoint) {
		return endpoint.state() == EndpointState.SERVING;
	}

	private double uptimeNanos(EndpointSnapshot endpoint) {
		return isUp(endpoint) ? Math.max(0, this.nanoTime.getAsLong() - endpoint.sinceNanos()) : 0;
	}

}
