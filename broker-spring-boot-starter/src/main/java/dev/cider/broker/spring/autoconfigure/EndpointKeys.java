package dev.cider.broker.spring.autoconfigure;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.BindResult;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;

/**
 * The keys that apply to one endpoint: its own keys have precedence over those that all
 * endpoints share. Finds the origin of each value.
 */
final class EndpointKeys {

	static final ConfigurationPropertyName SHARED = ConfigurationPropertyName.of("broker");

	private final Binder binder;

	private final List<ConfigurationPropertySource> sources;

	/** Usually one, as {@code broker.endpoints.tcp}; none for the shared keys. */
	private final List<ConfigurationPropertyName> own;

	EndpointKeys(Binder binder, List<ConfigurationPropertySource> sources, List<ConfigurationPropertyName> own) {
		this.binder = binder;
		this.sources = sources;
		this.own = own;
	}

	/**
	 * The endpoint's own value, or else the shared one.
	 */
	<T> T get(String key, Bindable<T> type, T shared) {
		return this.own.stream()
			.map((prefix) -> this.binder.bind(prefix.append(key), type))
			.filter(BindResult::isBound)
			.map(BindResult::get)
			.findFirst()
			.orElse(shared);
	}

	/**
	 * Whether a key is set, by the endpoint or for all.
	 */
	boolean isSet(String key) {
		return property(key) != null;
	}

	/**
	 * The full name of the property that sets a key, for messages.
	 */
	String name(String key) {
		ConfigurationProperty property = property(key);
		return (property != null) ? property.getName().toString() : SHARED.append(key).toString();
	}

	/**
	 * The origin of the property that sets a key, for messages.
	 * @return the origin in brackets, or nothing
	 */
	String origin(String key) {
		ConfigurationProperty property = property(key);
		return (property != null && property.getOrigin() != null) ? " (originating from " + property.getOrigin() + ")"
				: "";
	}

	/**
	 * Refuses an invalid value of a key.
	 * @param value the effective value, shown if no property sets the key
	 */
	InvalidBrokerPropertyException refuse(String key, Object value, String rule) {
		return refuse(key, value, rule,
				"Correct the value of '" + name(key) + "', or remove the property to get " + fallback(key) + ".");
	}

	/**
	 * The value that applies if the property is removed.
	 */
	private String fallback(String key) {
		ConfigurationPropertyName shared = SHARED.append(key);
		return name(key).equals(shared.toString()) ? "the default" : "the value of '" + shared + "' or the default";
	}

	/**
	 * Refuses an invalid value of a key, with the action to take.
	 * @param value the effective value, shown if no property sets the key
	 */
	InvalidBrokerPropertyException refuse(String key, Object value, String rule, String action) {
		ConfigurationProperty property = property(key);
		Object written = (property != null) ? property.getValue() : value;
		return new InvalidBrokerPropertyException("Invalid value '" + written + "' for configuration property '"
				+ name(key) + "'" + origin(key) + ": " + rule, action);
	}

	private @Nullable ConfigurationProperty property(String key) {
		return Stream.concat(this.own.stream(), Stream.of(SHARED))
			.map((prefix) -> prefix.append(key))
			.flatMap((name) -> this.sources.stream().map((source) -> source.getConfigurationProperty(name)))
			.filter(Objects::nonNull)
			.findFirst()
			.orElse(null);
	}

}
