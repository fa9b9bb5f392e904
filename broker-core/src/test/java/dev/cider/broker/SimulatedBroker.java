package dev.cider.broker;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Plays the broker's part: begins, lets operators in, counts who still lives, ends by
 * itself or when asked to. The counting is the real {@link ServingReferences}'s.
 */
final class SimulatedBroker {

	private final SimulatedWorld world;

	private final ServingReferences servingReferences;

	private final Map<String, SimulatedEndpoint> endpoints = new LinkedHashMap<>();

	private final List<EndpointOracle> oracles = new ArrayList<>();

	private final BrokerOracle oracle;

	private BrokerState state = BrokerState.INITIALISED;

	private int remaining = 2;

	/**
	 * A broker with an endpoint for each of these ids, which goes on where the earlier
	 * one ended if there was one.
	 * @param mortal whether it is likely to end by itself
	 */
	SimulatedBroker(SimulatedWorld world, boolean mortal, Map<String, SimulationChance> chances,
			@Nullable SimulatedBroker earlier) {
		this.world = world;
		boolean keepsServing = !mortal && world.keepsServing();
		this.servingReferences = new ServingReferences(keepsServing ? 2 : 1, () -> terminate(true));
		chances.forEach((id, chance) -> {
			SimulatedEndpoint predecessor = (earlier != null) ? earlier.endpoints.get(id) : null;
			SimulatedEndpoint endpoint = new SimulatedEndpoint(id, this, world, chance, mortal, predecessor);
			this.endpoints.put(id, endpoint);
			this.oracles.add(endpoint.oracle());
			this.servingReferences.retain();
			this.remaining++;
		});
		this.oracle = new BrokerOracle(keepsServing, this.oracles);
	}

	void listenAndServe() {
		this.state = BrokerState.SERVING;
		for (SimulatedEndpoint endpoint : this.endpoints.values()) {
			endpoint.beginsToTakeOver();
			endpoint.submit(new Signal.Begin());
		}
		countDown();
		this.oracle.begun();
		this.servingReferences.release();
		this.oracle.check();
	}

	/**
	 * An operator calls. Between his look at the broker and his request, or the request
	 * and its fulfilment, all may change.
	 */
	void operate(String id, Signal.Request request, long hesitation) {
		SimulatedEndpoint endpoint = this.endpoints.get(id);
		if (endpoint != null) {
			this.world.time().after(hesitation, () -> request(endpoint, request));
		}
	}

	boolean isServing() {
		return this.state == BrokerState.SERVING;
	}

	private void request(SimulatedEndpoint endpoint, Signal.Request request) {
		if (!(request instanceof Signal.Start) || endpoint.mayStart()) {
			submitRequest(endpoint, request);
		}
	}

	private void submitRequest(SimulatedEndpoint endpoint, Signal.Request request) {
		boolean accepted = this.servingReferences.retain();
		this.oracle.requested(accepted);
		if (accepted) {
			endpoint.request(request);
		}
	}

	void announceTermination() {
		if (this.state == BrokerState.SERVING) {
			this.endpoints.values().forEach((endpoint) -> endpoint.submit(new Signal.AnnounceTermination()));
			this.endpoints.values().forEach(SimulatedEndpoint::mayAwaitEnd);
		}
	}

	void terminate(boolean byItself) {
		if (this.state == BrokerState.SERVING) {
			this.state = BrokerState.TERMINATING;
			this.oracle.terminates(byItself);
			this.endpoints.values().forEach(SimulatedEndpoint::mayAwaitEnd);
			this.endpoints.values().forEach((endpoint) -> endpoint.submit(new Signal.Terminate()));
			countDown();
		}
	}

	/** After each signal that an endpoint of this broker was told. */
	void told(boolean hadEnded, boolean hasEnded, boolean isNewlyOver) {
		if (hadEnded && !hasEnded) {
			this.servingReferences.retain();
		}
		else if (!hadEnded && hasEnded) {
			this.servingReferences.release();
		}
		if (isNewlyOver) {
			countDown();
		}
		this.oracle.check();
	}

	/** A request was carried out, or joined to one that waits. */
	void requestIsDone() {
		this.oracle.requestIsDone();
		this.servingReferences.release();
		this.oracle.check();
	}

	private void countDown() {
		if (--this.remaining == 0) {
			this.state = BrokerState.TERMINATED;
			this.oracle.isOver();
			this.world.isOver(this);
		}
	}

	void checkTheEnd() {
		this.oracle.checkTheEnd();
		this.endpoints.values().forEach(SimulatedEndpoint::checkTheEnd);
	}

	boolean endedByItself() {
		return this.oracle.endedByItself();
	}

	List<EndpointOracle> oracles() {
		return this.oracles;
	}

}
