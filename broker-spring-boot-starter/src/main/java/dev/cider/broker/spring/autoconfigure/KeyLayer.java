package dev.cider.broker.spring.autoconfigure;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

import org.springframework.boot.context.properties.bind.BindResult;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;

/**
 * A section of keys and its base configs: the first of them that has a value for a key
 * has precedence. Reads each key once, because thousands of endpoints may share a layer.
 * Not for use by several threads.
 */
final class KeyLayer {

	private final Binder binder;

	private final List<ConfigurationPropertySource> sources;

	/** First of the section itself, usually one, then of its base configs. */
	private final List<ConfigurationPropertyName> prefixes;

	private final Map<String, Optional<?>> known = new HashMap<>();

	KeyLayer(Binder binder, List<ConfigurationPropertySource> sources, List<ConfigurationPropertyName> prefixes) {
		this.binder = binder;
		this.sources = sources;
		this.prefixes = prefixes;
	}

	/**
	 * The value of a key, if there is one.
	 * @param type the same in each call with this key
	 */
	@SuppressWarnings("unchecked")
	<T> Optional<T> get(String key, Bindable<T> type) {
		Optional<?> value = this.known.get(key);
		if (value == null) {
			value = read(key, type);
			this.known.put(key, value);
		}
		return (Optional<T>) value;
	}

	private <T> Optional<T> read(String key, Bindable<T> type) {
		return this.prefixes.stream()
			.map((prefix) -> this.binder.bind(prefix.append(key), type))
			.filter(BindResult::isBound)
			.map(BindResult::get)
			.findFirst();
	}

	/**
	 * The properties that set a key, the one with precedence first.
	 */
	Stream<ConfigurationProperty> properties(String key) {
		return this.prefixes.stream()
			.map((prefix) -> prefix.append(key))
			.flatMap((name) -> this.sources.stream().map((source) -> source.getConfigurationProperty(name)))
			.filter(Objects::nonNull);
	}

	/**
	 * Whether a section has a base config.
	 */
	boolean isLongerThan(int sections) {
		return this.prefixes.size() > sections;
	}

}
