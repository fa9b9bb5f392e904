package dev.cider.broker.spring.metrics;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.cider.broker.BrokerMonitor;
import dev.cider.broker.BrokerOperations;
import dev.cider.broker.CrashPhase;
import dev.cider.broker.EndpointCrashReport;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.spring.observation.ExceptionName;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * The meters {@code broker.endpoint.crash.reports}, tags {@code endpoint}, {@code phase}
 * and {@code exception}, and {@code broker.endpoints.crash.reports}, over all endpoints,
 * without the tag {@code endpoint}: counters of crash reports.
 * <p>
 * They say which crashes there are; {@link BrokerMetrics} says exactly how many. A
 * counter is registered at the first crash of its kind. A report that is lost, because
 * this monitor did not keep up, is not counted.
 * <p>
 * The value of {@code exception} is the simple name of the exception's class; a wrapper
 * of {@code java.util.concurrent} has the name of its cause. Only the first
 * {@value #ENDPOINT_LIMIT} names of an endpoint, and the first {@value #TOTAL_LIMIT} of
 * all endpoints together, are values of the tag. Each later name is counted as
 * {@value #OTHER}, so the number of series has a limit.
 */
public class CrashCounter implements MeterBinder, BrokerMonitor {

	/** How many exception names an endpoint has of its own. */
	public static final int ENDPOINT_LIMIT = 10;

	/** How many exception names the counters over all endpoints have. */
	public static final int TOTAL_LIMIT = 100;

	/** The value of the tag {@code exception} for all names beyond the limit. */
	public static final String OTHER = "other";

	private static final String ONE = "broker.endpoint.crash.reports";

	private static final String ALL = "broker.endpoints.crash.reports";

	private static final String DESCRIPTION = "Crash reports by phase and exception";

	private final BrokerOperations operations;

	private final PerEndpointMeters perEndpoint;

	/** Whether each endpoint has counters; decided when the meters are bound. */
	private volatile boolean eachIsCounted;

	private final List<MeterRegistry> registries = new CopyOnWriteArrayList<>();

	private final Names namesOfAll = new Names(TOTAL_LIMIT);

	/**
	 * For each endpoint that has crashed. The mailbox threads of a former broker and of
	 * its successor may use this map at the same time.
	 */
	private final Map<String, Names> namesOfEach = new ConcurrentHashMap<>();

	/**
	 * New counters, for each endpoint too if there are not too many.
	 * @param operations the broker whose crashes are counted
	 */
	public CrashCounter(BrokerOperations operations) {
		this(operations, PerEndpointMeters.AUTO);
	}

	/**
	 * New counters.
	 * @param operations the broker whose crashes are counted
	 * @param perEndpoint whether each endpoint has counters of its own
	 */
	public CrashCounter(BrokerOperations operations, PerEndpointMeters perEndpoint) {
		this.operations = operations;
		this.perEndpoint = perEndpoint;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		this.eachIsCounted = this.perEndpoint.areWanted(this.operations.endpoints().size());
		this.registries.add(registry);
	}

	@Override
	public void crashed(EndpointCrashReport report) {
		String name = ExceptionName.of(report.error());
		Tags all = tags(report.phase(), this.namesOfAll.bounded(name));
		this.registries.forEach((registry) -> count(registry, ALL, DESCRIPTION + ", over all endpoints", all));
		String id = report.factoryId();
		if (this.eachIsCounted && mayCount(id)) {
			Names names = this.namesOfEach.computeIfAbsent(id, (each) -> new Names(ENDPOINT_LIMIT));
			Tags one = tags(report.phase(), names.bounded(name)).and("endpoint", id);
			this.registries.forEach((registry) -> names.countedBy(registry, count(registry, ONE, DESCRIPTION, one)));
		}
	}

	/** Endpoints may be added: the limit holds for those that have crashed. */
	private boolean mayCount(String id) {
		return this.namesOfEach.containsKey(id) || this.perEndpoint.areWanted(this.namesOfEach.size() + 1);
	}

	/** Its crash reports came before, so no counter is registered after this. */
	@Override
	public void removed(EndpointSnapshot endpoint) {
		Names names = this.namesOfEach.remove(endpoint.id());
		if (names != null) {
			names.removeCounters();
		}
	}

	private static Counter count(MeterRegistry registry, String name, String description, Tags tags) {
		Counter counter = Counter.builder(name).description(description).tags(tags).register(registry);
		counter.increment();
		return counter;
	}

	private static Tags tags(CrashPhase phase, String exception) {
		return Tags.of("phase", phase.name(), "exception", exception);
	}

	/**
	 * The first names, up to a limit, and the counters that have them.
	 */
	private static final class Names {

		private final int limit;

		private final Set<String> first = new HashSet<>();

		private final Map<MeterRegistry, Set<Counter>> counters = new HashMap<>();

		Names(int limit) {
			this.limit = limit;
		}

		synchronized String bounded(String name) {
			if (this.first.contains(name)) {
				return name;
			}
			return (this.first.size() < this.limit && this.first.add(name)) ? name : OTHER;
		}

		synchronized void countedBy(MeterRegistry registry, Counter counter) {
			this.counters.computeIfAbsent(registry, (each) -> new HashSet<>()).add(counter);
		}

		synchronized void removeCounters() {
			this.counters.forEach((registry, all) -> all.forEach(registry::remove));
		}

	}

}
