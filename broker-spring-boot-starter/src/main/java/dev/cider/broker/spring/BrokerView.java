package dev.cider.broker.spring;

import java.util.List;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.BrokerState;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.UnknownEndpointException;

/**
 * A broker and its endpoints as they were together: while the snapshots were taken, the
 * broker was in this state.
 *
 * @param state where the broker is
 * @param endpoints the endpoints in the order of registration
 */
public record BrokerView(BrokerState state, List<EndpointSnapshot> endpoints) {

	/**
	 * Makes the list unmodifiable.
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
	 * Looks at one broker. A broker's state only ever advances, through four of them, so
	 * a look that a change came in between is repeated three times at most.
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
