package dev.cider.broker.spring.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginTrackedValue;
import org.springframework.core.env.PropertySource;

/**
 * The configs that exist without a property of the application. They are a source of
 * properties that comes after all others, so the application can override each key.
 */
final class BuiltInConfigs {

	/** For an endpoint that connects to something that comes and goes. */
	static final String CLIENT = "client";

	/** For an endpoint that is to be like one without any property. */
	static final String SERVER = "server";

	private static final String NAME = "built-in configs of the broker";

	private static final Map<String, String> CLIENT_KEYS = Map.of("restart.allowed-consecutive-errors", "unlimited",
			"restart.max-delay", "30s", "health.down-when", "not-serving");

	private BuiltInConfigs() {
	}

	static ConfigurationPropertySource source() {
		Map<String, Object> values = new LinkedHashMap<>();
		CLIENT_KEYS.forEach((key, value) -> put(values, CLIENT, key, value));
		// For a time limit, zero is the same as unset.
		put(values, SERVER, "start-timeout", "0s");
		put(values, SERVER, "heartbeat-timeout", "0s");
		PropertyKeys.defaults(EndpointProperties.class)
			.forEach((key, value) -> put(values, SERVER, key.toString(), value));
		ConfigurationPropertySource source = ConfigurationPropertySource
			.from(new OriginTrackedMapPropertySource(NAME, values, true));
		if (source == null) {
			throw new IllegalStateException("Spring Boot ignores the built-in configs");
		}
		return source;
	}

	private static void put(Map<String, Object> values, String config, String key, String value) {
		ConfigurationPropertyName name = NamedConfigs.CONFIGS.append(config).append(key);
		values.put(name.toString(), OriginTrackedValue.of(value, new BuiltIn(config)));
	}

	/**
	 * Whether a property is one of these, and no property of the application.
	 */
	static boolean has(@Nullable ConfigurationProperty property) {
		return property != null && property.getSource() != null
				&& property.getSource().getUnderlyingSource() instanceof PropertySource<?> source
				&& source.getName().equals(NAME);
	}

	/**
	 * Where the value of a built-in config comes from, for messages.
	 */
	private record BuiltIn(String config) implements Origin {

		@Override
		public String toString() {
			return "the built-in config '" + this.config + "'";
		}

	}

}
