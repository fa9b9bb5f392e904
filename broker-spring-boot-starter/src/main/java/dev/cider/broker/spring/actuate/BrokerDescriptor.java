package dev.cider.broker.spring.actuate;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

import dev.cider.broker.BrokerState;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.BrokerView;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * The broker and its endpoints as an operator sees them.
 *
 * @param state the state of the broker
 * @param states the number of endpoints per state; only states that an endpoint is in
 * @param endpoints the endpoints by id, in the order of registration
 */
public record BrokerDescriptor(BrokerState state, Map<EndpointState, Long> states,
		Map<String, EndpointDescriptor> endpoints) implements OperationResponseBody {

	static BrokerDescriptor of(BrokerView view, boolean showMessages) {
		Map<EndpointState, Long> states = new EnumMap<>(EndpointState.class);
		Map<String, EndpointDescriptor> endpoints = new LinkedHashMap<>();
		view.endpoints().forEach((endpoint) -> {
			states.merge(endpoint.state(), 1L, Long::sum);
			endpoints.put(endpoint.id(), EndpointDescriptor.brief(endpoint, showMessages));
		});
		return new BrokerDescriptor(view.state(), states, endpoints);
	}

}
