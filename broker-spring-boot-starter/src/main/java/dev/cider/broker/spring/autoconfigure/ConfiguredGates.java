package dev.cider.broker.spring.autoconfigure;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import dev.cider.broker.EndpointGate;
import dev.cider.broker.EndpointOptions;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.ClassUtils;

/**
 * Makes the gates that {@code wait-for} names. Endpoints that name the same one share it,
 * so that it is asked once for all of them.
 */
final class ConfiguredGates {

	private static final String HEALTH = "org.springframework.boot.health.registry.HealthContributorRegistry";

	/** What this library contributes to health: the endpoints themselves. */
	private static final String OURS = "broker";

	private final ConfigurableListableBeanFactory beanFactory;

	private final Duration timeout;

	private final Map<String, EndpointGate> gates = new ConcurrentHashMap<>();

	ConfiguredGates(ConfigurableListableBeanFactory beanFactory, Duration timeout) {
		this.beanFactory = beanFactory;
		this.timeout = timeout;
	}

	/**
	 * Adds what an element demands to the options of an endpoint.
	 */
	void add(WaitFor waitFor, EndpointOptions.Builder options) {
		if (waitFor.isDependency()) {
			options.dependsOn(waitFor.name());
		}
		else {
			options.waitFor(waitFor.written(), gate(waitFor));
		}
	}

	/** Makes the bean, if it is one. */
	private EndpointGate gate(WaitFor waitFor) {
		EndpointGate known = this.gates.get(waitFor.written());
		if (known == null) {
			EndpointGate made = make(waitFor);
			EndpointGate other = this.gates.putIfAbsent(waitFor.written(), made);
			known = (other != null) ? other : made;
		}
		return known;
	}

	private EndpointGate make(WaitFor waitFor) {
		return switch (waitFor.kind()) {
			case HEALTH -> new HealthGate(this.beanFactory, waitFor.name());
			case TCP -> new TcpGate(waitFor.name(), this.timeout);
			case ENDPOINT -> EndpointGate.serving(waitFor.name());
			case GATE -> this.beanFactory.getBean(waitFor.name(), EndpointGate.class);
			case DEPENDS_ON -> throw new IllegalArgumentException(waitFor.written());
		};
	}

	/**
	 * Refuses what does not exist, as far as that is known before the beans are made.
	 * @param keys the keys of the endpoint that waits
	 * @param ids the ids of all endpoints
	 * @throws InvalidBrokerPropertyException if one of them does not exist
	 */
	void checkEarly(EndpointKeys keys, Collection<WaitFor> all, Collection<String> ids) {
		for (WaitFor waitFor : all) {
			switch (waitFor.kind()) {
				case ENDPOINT, DEPENDS_ON -> requireKnown(keys, waitFor, "endpoint", ids);
				case GATE -> requireKnown(keys, waitFor, "bean of type " + EndpointGate.class.getName(),
						List.of(this.beanFactory.getBeanNamesForType(EndpointGate.class, true, false)));
				case HEALTH -> requireHealth(keys, waitFor);
				case TCP -> {
				}
			}
		}
	}

	private void requireHealth(EndpointKeys keys, WaitFor waitFor) {
		if (!ClassUtils.isPresent(HEALTH, this.beanFactory.getBeanClassLoader())) {
			throw keys.refuse(waitFor.key(), waitFor.written(),
					"health needs Spring Boot's health support, which is not on the class path",
					"Add spring-boot-starter-actuator, or name something else to wait for.");
		}
		if (waitFor.name().equals(OURS) || waitFor.name().startsWith(OURS + "/")) {
			throw keys.refuse(waitFor.key(), waitFor.written(),
					"the health of the broker comes from the endpoints themselves, so an endpoint would wait for itself",
					"Name an endpoint, for example endpoint/cache, or another health contributor.");
		}
	}

	/**
	 * Refuses health contributors that do not exist. Makes them all.
	 * @throws InvalidBrokerPropertyException if one of them does not exist
	 */
	void checkHealth(EndpointKeys keys, Collection<WaitFor> all) {
		for (WaitFor waitFor : all) {
			if (waitFor.kind() == WaitFor.Kind.HEALTH && !new HealthGate(this.beanFactory, waitFor.name()).exists()) {
				requireKnown(keys, waitFor, "health contributor", HealthGate.names(this.beanFactory));
			}
		}
	}

	/**
	 * Refuses endpoints that do not exist.
	 * @throws InvalidBrokerPropertyException if one of them does not exist
	 */
	static void checkEndpoints(EndpointKeys keys, Collection<WaitFor> all, Collection<String> ids) {
		for (WaitFor waitFor : all) {
			if (waitFor.isEndpoint() && !waitFor.isAnnotated()) {
				requireKnown(keys, waitFor, "endpoint", ids);
			}
		}
	}

	private static void requireKnown(EndpointKeys keys, WaitFor waitFor, String what, Collection<String> known) {
		if (known.contains(waitFor.name())) {
			return;
		}
		String nearest = NearestName.of(waitFor.name(), known);
		String names = known.isEmpty() ? "there is none" : "known are " + String.join(", ", known);
		throw keys.refuse(waitFor.key(), waitFor.written(),
				"there is no " + what + " '" + waitFor.name() + "'; " + names,
				(nearest != null)
						? "Write '" + waitFor.spell(nearest) + "' instead, or remove it from '"
								+ keys.name(waitFor.key()) + "'."
						: "Correct '" + keys.name(waitFor.key()) + "', or remove '" + waitFor.spell(waitFor.name())
								+ "' from it.");
	}

}
