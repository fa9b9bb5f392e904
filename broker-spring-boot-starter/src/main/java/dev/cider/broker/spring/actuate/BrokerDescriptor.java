package dev.cider.broker.spring.actuate;

import java.util.Map;

import dev.cider.broker.BrokerState;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * The broker and its endpoints as an operator sees them.
 *
 * @param state where the broker is
 * @param endpoints the endpoints by id, in the order of registration
 */
public record BrokerDescriptor(BrokerState state,
		Map<String, EndpointDescriptor> endpoints) implements OperationResponseBody {
}
