package dev.cider.broker.spring;

import java.util.List;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.BrokerState;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.UnknownEndpointException;

/**
 * A consistent view of a broker and its endpoints: the broker was in this state all the
 * time while the snapshots were taken.
 *
 * @param state the state of the broker
 * @param endpoints the endpoints in the order of registration
 */
public record BrokerView(BrokerState state, List<EndpointSnapshot> endpoints) {

	/**
	 * Makes the list unmodifiable.
	 * @param state the state of the broker
	 * @param endpoints the endpoints
	 */
	public BrokerView {
		endpoints = List.copyOf(endpoints);
	}

	/**
	 * One of the endpoints.
	 * @param id the endpoint's id
	 * @return its snapshot
	 * @throws UnknownEndpointException if there is no such endpoint
	 */
	public EndpointSnapshot endpoint(String id) {
		return this.endpoints.stream()
			.filter((endpoint) -> endpoint.id().equals(id))
			.findFirst()
			.orElseThrow(() -> new UnknownEndpointException(id));
	}

	/**
	 * Reads one broker, again if its state has changed meanwhile. A broker has four
	 * states and never goes back, so this repeats at most three times.
	 */
	static BrokerView of(BrokerOperations broker) {
		for (BrokerState before = broker.state();;) {
			List<EndpointSnapshot> endpoints = broker.endpoints();
			BrokerState after = broker.state();
			if (after == before) {
				return new BrokerView(before, endpoints);
			}
			before = after;
		}
	}

}
