package dev.cider.broker.spring.autoconfigure;

import java.util.Optional;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;

/**
 * The keys that apply to one endpoint: its own keys have precedence over those of its
 * base configs; these over the keys of the bean that it is an instance of, if it is one,
 * and over those of its base configs; these over the keys that all endpoints share; and
 * these over those of the shared base configs. Finds the origin of each value.
 */
final class EndpointKeys {

	static final ConfigurationPropertyName SHARED = ConfigurationPropertyName.of("broker");

	/** The endpoint's id; {@code null} for the shared keys. */
	private final @Nullable String id;

	/** As {@code broker.endpoints.tcp}, and its base configs. */
	private final KeyLayer own;

	/** The same of its bean, for an instance; else without keys. */
	private final KeyLayer ofBean;

	/** As {@code broker}, and its base configs. */
	private final KeyLayer shared;

	EndpointKeys(@Nullable String id, KeyLayer own, KeyLayer ofBean, KeyLayer shared) {
		this.id = id;
		this.own = own;
		this.ofBean = ofBean;
		this.shared = shared;
	}

	/**
	 * The value for the endpoint.
	 * @param bound what the keys below {@code broker} set, or else the default
	 */
	<T> T get(String key, Bindable<T> type, T bound) {
		return own(key, type).orElseGet(() -> shared(key, type, bound));
	}

	/**
	 * The value of the endpoint itself, of its bean, or of their base configs.
	 */
	<T> T own(String key, Bindable<T> type, T otherwise) {
		return own(key, type).orElse(otherwise);
	}

	/**
	 * The same, if there is one.
	 */
	<T> Optional<T> own(String key, Bindable<T> type) {
		return this.own.get(key, type).or(() -> this.ofBean.get(key, type));
	}

	private <T> T shared(String key, Bindable<T> type, T bound) {
		// Without a shared base config, what is bound already is the value.
		return this.shared.isLongerThan(1) ? this.shared.get(key, type).orElse(bound) : bound;
	}

	/**
	 * Whether a key is set, by the endpoint or for all.
	 */
	boolean isSet(String key) {
		return property(key) != null;
	}

	/**
	 * The key that sets an element of a list: its own, if it has one.
	 */
	String keyOfElement(String key, int index) {
		String element = key + "[" + index + "]";
		return isSet(element) ? element : key;
	}

	/**
	 * The full name of the property that sets a key, for messages.
	 */
	String name(String key) {
		ConfigurationProperty property = property(key);
		if (property == null && !sharesKeys()) {
			return "the " + key + " that the application has passed";
		}
		return (property != null) ? property.getName().toString() : SHARED.append(key).toString();
	}

	/** Not an endpoint that the application adds. */
	private boolean sharesKeys() {
		return this.shared.isLongerThan(0);
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
		if (BuiltInConfigs.has(property(key))) {
			return refuse(key, value, rule, "Write a correct value of '" + name(key)
					+ "', which replaces that of the built-in config, or correct the other property.");
		}
		return refuse(key, value, rule,
				"Correct the value of '" + name(key) + "', or remove the property to get " + fallback(key) + ".");
	}

	/**
	 * The value that applies if the property is removed.
	 */
	private String fallback(String key) {
		String name = name(key);
		String shared = SHARED.append(key).toString();
		if (!sharesKeys()) {
			return "what the application has passed";
		}
		return properties(key).map((property) -> property.getName().toString())
			.filter((other) -> !other.equals(name) && !other.equals(shared))
			.findFirst()
			.map((other) -> "the value of '" + other + "'")
			.orElse(name.equals(shared) ? "the default" : "the value of '" + shared + "' or the default");
	}

	/**
	 * Refuses an invalid value of a key, with the action to take.
	 * @param value the effective value, shown if no property sets the key
	 */
	InvalidBrokerPropertyException refuse(String key, Object value, String rule, String action) {
		ConfigurationProperty property = property(key);
		Object written = (property != null) ? property.getValue() : value;
		return new InvalidBrokerPropertyException("Invalid value '" + written + "' for configuration property '"
				+ name(key) + "'" + origin(key) + user(property) + ": " + rule, action);
	}

	/** A config does not show which endpoint uses it. */
	private String user(@Nullable ConfigurationProperty property) {
		boolean config = property != null && NamedConfigs.CONFIGS.isAncestorOf(property.getName());
		return (config && this.id != null) ? ", which endpoint '" + this.id + "' uses" : "";
	}

	private @Nullable ConfigurationProperty property(String key) {
		return properties(key).findFirst().orElse(null);
	}

	private Stream<ConfigurationProperty> properties(String key) {
		return Stream.of(this.own, this.ofBean, this.shared).flatMap((layer) -> layer.properties(key));
	}

}
