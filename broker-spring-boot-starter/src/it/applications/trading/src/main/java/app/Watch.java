package app;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointSnapshot;

import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Looks at the endpoints now and then.
 */
@Component
class Watch {

	private final BrokerOperations broker;

	private final Set<String> seen = ConcurrentHashMap.newKeySet();

	Watch(BrokerOperations broker) {
		this.broker = broker;
	}

	@Scheduled(fixedDelay = 50)
	void look() {
		this.broker.endpoints().stream().map(Watch::words).forEach(this.seen::add);
	}

	private static String words(EndpointSnapshot endpoint) {
		return endpoint.id() + " " + endpoint.state();
	}

	Set<String> seen() {
		return this.seen;
	}

}
