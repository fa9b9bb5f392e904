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
 * The meter {@code broker.endpoint.recovery}: timer, from a crash until the endpoint
 * serves again; tag {@code endpoint}. Of several crashes without serving in between, the
 * first counts. A stop by an operator is no recovery, nor is a normal end.
 */
public class RecoveryTimer implements MeterBinder, BrokerMonitor {

	private static final String NAME = "broker.endpoint.recovery";

	private final BrokerOperations operations;

	private final List<MeterRegistry> registries = new CopyOnWriteArrayList<>();

	/**
	 * When endpoints that are down crashed, as of {@link System#nanoTime()}: the wall
	 * clock may jump. One thread at a time uses it, unless a mailbox of a former broker
	 * lags behind.
	 */
	private final Map<String, Long> crashedAt = new ConcurrentHashMap<>();

	/**
	 * A new timer.
	 * @param operations the broker whose endpoints are timed
	 */
	public RecoveryTimer(BrokerOperations operations) {
		this.operations = operations;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		this.operations.endpoints().forEach((endpoint) -> timer(registry, endpoint.id()));
		this.registries.add(registry);
	}

	private static Timer timer(MeterRegistry registry, String id) {
		return Timer.builder(NAME)
			.description("From a crash until the endpoint serves again")
			.tag("endpoint", id)
			.register(registry);
	}

	@Override
	public void crashed(EndpointCrashReport report) {
		// The change that comes with it says it all, in order with the other changes.
	}

	@Override
	public void changed(EndpointChange change) {
		EndpointSnapshot before = change.from();
		EndpointSnapshot after = change.to();
		if (before.state() == EndpointState.REGISTERED) {
			// The broker is a new one; how long there was none is no recovery.
			this.crashedAt.remove(after.id());
		}
		if (after.crashes() > before.crashes()) {
			// What follows a crash begins in its very moment.
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
			this.registries.forEach((registry) -> timer(registry, endpoint.id()).record(down, TimeUnit.NANOSECONDS));
		}
	}

}
