package dev.cider.broker.spring.actuate;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.cider.broker.BrokerState;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import dev.cider.broker.GateSnapshot;
import dev.cider.broker.spring.BrokerView;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * The broker and its endpoints as an operator sees them. The JSON omits what is
 * {@code null}.
 *
 * @param state the state of the broker
 * @param states the number of endpoints per state, of all endpoints; only states that an
 * endpoint is in
 * @param health the health of the broker, as the contributor {@code broker} has it;
 * {@code null} if the application has not told when endpoints are down
 * @param gates what endpoints wait for, as it was last seen; {@code null} if they wait
 * for nothing
 * @param omitted how many more endpoints a request asks for than its limit allows;
 * {@code null} if there are none
 * @param endpoints the endpoints that a request asks for, by id; in the order of
 * registration, or in the order of the states that the request names
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BrokerDescriptor(BrokerState state, Map<EndpointState, Long> states, @Nullable EndpointHealth health,
		@Nullable List<GateDescriptor> gates, @Nullable Integer omitted,
		Map<String, EndpointDescriptor> endpoints) implements OperationResponseBody {

	static BrokerDescriptor of(BrokerView view, List<GateSnapshot> gates, EndpointQuery query,
			@Nullable EndpointSettings settings, boolean showMessages) {
		Map<EndpointState, Long> states = new EnumMap<>(EndpointState.class);
		view.endpoints().forEach((endpoint) -> states.merge(endpoint.state(), 1L, Long::sum));
		List<EndpointSnapshot> found = query.find(view.endpoints());
		Map<String, EndpointDescriptor> endpoints = new LinkedHashMap<>();
		found.stream()
			.limit(query.limit())
			.forEach((endpoint) -> endpoints.put(endpoint.id(),
					EndpointDescriptor.brief(endpoint, settings, showMessages)));
		int omitted = found.size() - endpoints.size();
		return new BrokerDescriptor(view.state(), states, (settings != null) ? health(view, settings) : null,
				gates.isEmpty() ? null : gates.stream().map(GateDescriptor::of).toList(),
				(omitted > 0) ? omitted : null, endpoints);
	}

	private static EndpointHealth health(BrokerView view, EndpointSettings settings) {
		return view.endpoints().stream().anyMatch(settings::isDown) ? EndpointHealth.DOWN : EndpointHealth.UP;
	}

}
