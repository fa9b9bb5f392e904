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
 * The keys that hold for one endpoint: those below its own prefix come before those that
 * all endpoints share. Knows where each value comes from.
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
	 * The name of a key as it is in force, for messages.
	 */
	String name(String key) {
		ConfigurationProperty property = property(key);
		return (property != null) ? property.getName().toString() : SHARED.append(key).toString();
	}

	/**
	 * Where a key in force is set, for messages.
	 * @return the origin in brackets, or nothing
	 */
	String origin(String key) {
		ConfigurationProperty property = property(key);
		return (property != null && property.getOrigin() != null) ? " (originating from " + property.getOrigin() + ")"
				: "";
	}

	/**
	 * Says that the value of a key makes no sense.
	 * @param value the value in force, shown if it is a default
	 */
	InvalidBrokerPropertyException refuse(String key, Object value, String rule) {
		return refuse(key, value, rule,
				"Correct the value of '" + name(key) + "', or remove it for " + fallback(key) + ".");
	}

	/**
	 * What holds if the key in force is removed.
	 */
	private String fallback(String key) {
		ConfigurationPropertyName shared = SHARED.append(key);
		return name(key).equals(shared.toString()) ? "the default" : "the value of '" + shared + "' or the default";
	}

	/**
	 * Says that the value of a key makes no sense, and what to do about it.
	 * @param value the value in force, shown if it is a default
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
