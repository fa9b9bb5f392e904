package dev.cider.broker.spring.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.cider.broker.Broker;
import dev.cider.broker.EndpointGroup;
import dev.cider.broker.spring.autoconfigure.BrokerProperties.Group;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.Environment;

/**
 * The groups below {@code broker.groups}. A member that is a bean with several instances
 * stands for all of them, in their order.
 */
final class ConfiguredGroups {

	private static final String GROUPS = "broker.groups";

	private static final Set<String> KEYS = Set.of("members", "strategy");

	private static final Bindable<Map<String, Map<String, Object>>> WRITTEN = Bindable
		.of(ResolvableType.forClassWithGenerics(Map.class, ResolvableType.forClass(String.class),
				ResolvableType.forClassWithGenerics(Map.class, String.class, Object.class)));

	private ConfiguredGroups() {
	}

	/**
	 * Checks all groups, and makes them.
	 * @param ids the endpoints that there are
	 * @throws InvalidBrokerPropertyException if a group is invalid
	 */
	static List<EndpointGroup> of(Map<String, Group> groups, EndpointIds ids, Environment environment) {
		requireKnownKeys(environment);
		List<EndpointGroup> all = new ArrayList<>();
		// Refuses what groups must not be together.
		Broker.Builder together = Broker.builder();
		groups.forEach((name, group) -> {
			String key = GROUPS + "." + name;
			List<String> members = group.members()
				.stream()
				.flatMap((member) -> members(key, member.strip(), ids).stream())
				.toList();
			try {
				EndpointGroup made = new EndpointGroup(name, group.strategy(), members);
				together.group(made);
				all.add(made);
			}
			catch (IllegalArgumentException invalid) {
				throw new InvalidBrokerPropertyException("Invalid '" + key + "': " + invalid.getMessage(),
						"Correct '" + key + ".members'.");
			}
		});
		return List.copyOf(all);
	}

	private static List<String> members(String key, String member, EndpointIds ids) {
		List<String> instances = ids.instances(member);
		if (!instances.isEmpty()) {
			return instances;
		}
		if (!ids.endpoints().contains(member)) {
			String nearest = NearestName.of(member, ids.endpoints());
			throw new InvalidBrokerPropertyException(
					"Invalid '" + key + ".members': there is no endpoint '" + member + "'; "
							+ (ids.endpoints().isEmpty() ? "there are none" : "there are " + ids.endpoints()),
					(nearest != null) ? "Write '" + nearest + "' instead of '" + member + "'."
							: "Remove '" + member + "', or register an endpoint of this name.");
		}
		return List.of(member);
	}

	/** A misspelt strategy would be no strategy at all. */
	private static void requireKnownKeys(Environment environment) {
		Binder.get(environment).bind(GROUPS, WRITTEN).ifBound((groups) -> groups.forEach((name, group) -> {
			for (String key : group.keySet()) {
				int end = key.indexOf('[');
				String plain = (end < 0) ? key : key.substring(0, end);
				if (!KEYS.contains(plain)) {
					throw new InvalidBrokerPropertyException(
							"Invalid '" + GROUPS + "." + name + "." + key
									+ "': a group has 'members' and a 'strategy', and nothing else",
							"Correct the key, or remove it.");
				}
			}
		}));
	}

}
