package dev.cider.broker.spring.autoconfigure;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.PropertySourcesPlaceholdersResolver;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.Environment;

/**
 * Finds the keys of each endpoint below {@code broker.endpoints}, completes them by the
 * endpoint's base configs, and refuses keys that belong to no endpoint.
 */
final class EndpointKeysFinder {

	static final ConfigurationPropertyName ENDPOINTS = ConfigurationPropertyName.of("broker.endpoints");

	private final Binder binder;

	private final List<ConfigurationPropertySource> sources = new ArrayList<>();

	private final NamedConfigs configs;

	EndpointKeysFinder(Environment environment) {
		ConfigurationPropertySources.get(environment).forEach(this.sources::add);
		SharedKeys.check(this.sources);
		this.sources.add(BuiltInConfigs.source());
		this.binder = new Binder(this.sources, new PropertySourcesPlaceholdersResolver(environment));
		this.configs = new NamedConfigs(this.binder, this.sources);
	}

	/**
	 * The keys that all endpoints share.
	 */
	EndpointKeys shared() {
		return new EndpointKeys(null, new KeyLayer(this.binder, this.sources, List.of()), sharedLayer());
	}

	private KeyLayer sharedLayer() {
		return layer(Set.of(EndpointKeys.SHARED));
	}

	private KeyLayer layer(Set<ConfigurationPropertyName> section) {
		List<ConfigurationPropertyName> prefixes = new ArrayList<>(section);
		prefixes.addAll(this.configs.basesOf(section));
		return new KeyLayer(this.binder, this.sources, prefixes);
	}

	/**
	 * The keys of each endpoint.
	 * @throws InvalidBrokerPropertyException if there is a key for an id that is not
	 * among these
	 */
	Map<String, EndpointKeys> find(Collection<String> ids) {
		Map<String, Set<ConfigurationPropertyName>> prefixes = new LinkedHashMap<>();
		ids.forEach((id) -> prefixes.put(id, new LinkedHashSet<>()));
		for (ConfigurationPropertySource source : this.sources) {
			if (source instanceof IterableConfigurationPropertySource iterable) {
				iterable.stream()
					.filter((key) -> ENDPOINTS.equals(key) || ENDPOINTS.isAncestorOf(key))
					.map((key) -> WrittenKey.of(key, source))
					.filter((key) -> !key.isOfThePlatform() && !key.isEmptySection())
					.forEach((key) -> addTo(prefixes, key));
			}
		}
		if (mayHaveMore()) {
			ids.stream()
				.filter(ConfigurationPropertyName::isValid)
				.forEach((id) -> prefixes.getOrDefault(id, new LinkedHashSet<>()).add(ENDPOINTS.append(id)));
		}
		KeyLayer shared = sharedLayer();
		Map<String, EndpointKeys> keys = new LinkedHashMap<>();
		prefixes.forEach((id, own) -> keys.put(id, new EndpointKeys(id, layer(own), shared)));
		return keys;
	}

	private static void addTo(Map<String, Set<ConfigurationPropertyName>> prefixes, WrittenKey key) {
		int length = key.lengthOfPrefix(prefixes.keySet());
		String id = (length > 0) ? key.id(length, prefixes.keySet()) : null;
		if (id == null) {
			throw EndpointKeyRefusal.ofUnknownEndpoint(key, prefixes.keySet());
		}
		if (key.isWholePrefix(length)) {
			// An endpoint without settings has an empty section.
			if (!key.isBlank()) {
				throw EndpointKeyRefusal.ofValueForSection(key, id, prefixes.keySet());
			}
		}
		else if (!key.isSetting(length)) {
			throw EndpointKeyRefusal.ofUnknownSetting(key, length);
		}
		prefixes.getOrDefault(id, new LinkedHashSet<>()).add(key.prefix(length));
	}

	/**
	 * Whether a source that cannot list its keys may have keys of endpoints. Most such
	 * sources know that they have none. To look up each key of thousands of endpoints
	 * would take longer than the rest of the start.
	 */
	private boolean mayHaveMore() {
		return this.sources.stream()
			.filter((source) -> !(source instanceof IterableConfigurationPropertySource))
			.anyMatch((source) -> source.containsDescendantOf(ENDPOINTS) != ConfigurationPropertyState.ABSENT);
	}

}
