package dev.cider.broker.spring;

import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import dev.cider.broker.Broker;
import dev.cider.broker.BrokerOperations;
import dev.cider.broker.BrokerState;
import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.CrashSummary;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointOptions;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.InvalidStateException;
import dev.cider.broker.UnknownEndpointException;
import org.jspecify.annotations.Nullable;

/**
 * Takes the place of the broker while no broker serves: shows the last values and refuses
 * all operations.
 */
final class StoppedBroker implements BrokerOperations {

	/** Before the first start: what will be registered. */
	private final Set<String> ids;

	/**
	 * The broker that served last. It knows which endpoints there are: a removal that was
	 * requested just before its end may take an endpoint away a moment after its end.
	 */
	private final @Nullable Broker last;

	private final long lostEvents;

	private final Instant since;

	private final long sinceNanos;

	private StoppedBroker(List<String> ids, @Nullable Broker last, long lostEvents) {
		this.ids = new LinkedHashSet<>(ids);
		this.last = last;
		this.lostEvents = lostEvents;
		this.since = Instant.now();
		this.sinceNanos = System.nanoTime();
	}

	/**
	 * Shows the endpoints as they are before the first start.
	 * @param ids the endpoints that will be registered
	 */
	static StoppedBroker beforeFirst(List<String> ids) {
		return new StoppedBroker(ids, null, 0);
	}

	/**
	 * Shows the endpoints as they are after a stop.
	 * @param lostEvents how many events all runs so far have lost
	 */
	static StoppedBroker after(Broker last, long lostEvents) {
		return new StoppedBroker(List.of(), last, lostEvents);
	}

	/**
	 * The broker that served last, to be continued.
	 */
	@Nullable Broker last() {
		return this.last;
	}

	/**
	 * How many events all runs so far have lost.
	 */
	long lostEvents() {
		return this.lostEvents;
	}

	@Override
	public BrokerState state() {
		return (this.last != null) ? this.last.state() : BrokerState.INITIALISED;
	}

	@Override
	public List<EndpointSnapshot> endpoints() {
		return (this.last != null) ? this.last.endpoints().stream().map(this::stopped).toList()
				: this.ids.stream().map(this::registered).toList();
	}

	@Override
	public EndpointSnapshot endpoint(String id) {
		requireKnown(id);
		return (this.last != null) ? stopped(this.last.endpoint(id)) : registered(id);
	}

	private EndpointSnapshot stopped(EndpointSnapshot endpoint) {
		return endpoint.stopped(this.since, this.sinceNanos);
	}

	private EndpointSnapshot registered(String id) {
		return EndpointSnapshot.registered(id, this.since, this.sinceNanos);
	}

	@Override
	public List<CrashSummary> history(String id) {
		requireKnown(id);
		return (this.last != null) ? this.last.history(id) : List.of();
	}

	@Override
	public void start(String id) {
		throw refuse("start", id);
	}

	@Override
	public void stop(String id) {
		throw refuse("stop", id);
	}

	@Override
	public void restart(String id) {
		throw refuse("restart", id);
	}

	@Override
	public <F extends EndpointFactory> void add(String id, F factory, EndpointOptions options) {
		throw refused("addition", id);
	}

	@Override
	public void add(String id, ContextualEndpointFactory factory, EndpointOptions options) {
		throw refused("addition", id);
	}

	@Override
	public CompletableFuture<Void> remove(String id) {
		throw refuse("removal", id);
	}

	private InvalidStateException refuse(String operation, String id) {
		requireKnown(id);
		return refused(operation, id);
	}

	private InvalidStateException refused(String operation, String id) {
		return new InvalidStateException(operation + " of endpoint '" + id + "'", BrokerState.SERVING.name(),
				state().name());
	}

	private void requireKnown(String id) {
		if (this.last != null) {
			this.last.endpoint(id);
		}
		else if (!this.ids.contains(id)) {
			throw new UnknownEndpointException(id);
		}
	}

}
