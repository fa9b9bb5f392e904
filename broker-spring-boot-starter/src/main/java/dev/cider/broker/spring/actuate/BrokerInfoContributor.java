package dev.cider.broker.spring.actuate;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

import dev.cider.broker.Broker;
import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;

import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.actuate.info.InfoContributor;

/**
 * Adds {@code broker} to {@code /actuator/info}: the version of the library, the state of
 * the broker, and how many endpoints are in each state.
 */
public class BrokerInfoContributor implements InfoContributor {

	private final BrokerOperations operations;

	/**
	 * A new contributor.
	 * @param operations the broker to show
	 */
	public BrokerInfoContributor(BrokerOperations operations) {
		this.operations = operations;
	}

	@Override
	public void contribute(Info.Builder builder) {
		Map<EndpointState, Long> states = new EnumMap<>(EndpointState.class);
		for (EndpointSnapshot endpoint : this.operations.endpoints()) {
			states.merge(endpoint.state(), 1L, Long::sum);
		}
		Map<String, Object> broker = new LinkedHashMap<>();
		broker.put("version", Broker.version());
		broker.put("state", this.operations.state());
		broker.put("states", states);
		builder.withDetail("broker", broker);
	}

}
