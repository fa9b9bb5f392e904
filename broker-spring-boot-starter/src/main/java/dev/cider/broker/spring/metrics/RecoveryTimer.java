package dev.cider.broker.spring.metrics;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import dev.cider.broker.BrokerMonitor;
import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointChange;
import dev.cider.broker.EndpointCrashReport;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;

/**
 * The {@link RecoveryMeters} where nothing observes the endpoints: as a monitor it finds
 * the recoveries itself.
 */
public class RecoveryTimer extends RecoveryMeters implements BrokerMonitor {

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
		super(operations, perEndpoint);
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

	@Override
	public void removed(EndpointSnapshot endpoint) {
		this.crashedAt.remove(endpoint.id());
		remove(endpoint.id());
	}

	private void recovered(EndpointSnapshot endpoint) {
		Long crashed = this.crashedAt.remove(endpoint.id());
		if (crashed != null) {
			record(endpoint.id(), Duration.ofNanos(Math.max(0, endpoint.sinceNanos() - crashed)));
		}
	}

}
