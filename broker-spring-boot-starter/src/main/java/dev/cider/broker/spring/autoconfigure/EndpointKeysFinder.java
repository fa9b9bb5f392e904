package dev.cider.broker.spring.autoconfigure;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

import dev.cider.broker.spring.autoconfigure.AddedKeys.Section;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.PropertySourcesPlaceholdersResolver;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
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
		return new EndpointKeys(null, noLayer(), noLayer(), sharedLayer());
	}

	private KeyLayer noLayer() {
		return new KeyLayer(this.binder, this.sources, List.of());
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
	 * The keys that may set how many instances each bean has: those of its section alone.
	 * @param beans the ids of the beans
	 */
	Map<String, EndpointKeys> ofInstances(Set<String> beans) {
		Map<String, Set<ConfigurationPropertyName>> prefixes = new LinkedHashMap<>();
		keys((key) -> key.getLastElement(Form.UNIFORM).equals(EndpointProperties.INSTANCES.toString()))
			.forEach((key) -> {
				int length = key.lengthOfPrefix(beans);
				String bean = (length > 0) ? key.id(length, beans) : null;
				// Any other key is refused later, when the ids of the instances are
				// known.
				if (bean != null && key.isNumberOfInstances(length)) {
					prefixes.computeIfAbsent(bean, (none) -> new LinkedHashSet<>()).add(key.prefix(length));
				}
			});
		addUnlisted(prefixes, beans);
		Map<String, EndpointKeys> keys = new LinkedHashMap<>();
		prefixes.forEach((bean, section) -> keys.put(bean, new EndpointKeys(bean,
				new KeyLayer(this.binder, this.sources, List.copyOf(section)), noLayer(), noLayer())));
		return keys;
	}

	/**
	 * The keys of each endpoint.
	 * @throws InvalidBrokerPropertyException if there is a key for an id that is not
	 * among these
	 */
	Map<String, EndpointKeys> find(EndpointIds ids) {
		Map<String, Set<ConfigurationPropertyName>> prefixes = new LinkedHashMap<>();
		keys((key) -> true).filter((key) -> !key.isEmptySection()).forEach((key) -> addTo(prefixes, ids, key));
		addUnlisted(prefixes, ids.sections());
		KeyLayer none = noLayer();
		KeyLayer shared = sharedLayer();
		// The layer of a bean is read once for all of its instances.
		Map<String, KeyLayer> layers = new LinkedHashMap<>();
		prefixes.forEach((section, written) -> layers.put(section, layer(written)));
		Map<String, EndpointKeys> keys = new LinkedHashMap<>();
		ids.endpoints().forEach((id) -> {
			String bean = ids.beanOfInstance(id);
			KeyLayer ofBean = (bean != null) ? layers.getOrDefault(bean, none) : none;
			keys.put(id, new EndpointKeys(id, layers.getOrDefault(id, none), ofBean, shared));
		});
		return keys;
	}

	/**
	 * The keys of the endpoints that the application adds. They may also be those of a
	 * bean, in whose place such an endpoint is added.
	 */
	AddedKeys added(EndpointIds ids) {
		Set<Section> sections = new LinkedHashSet<>();
		if (!ids.added().isEmpty()) {
			keys((key) -> true).filter((key) -> !key.isEmptySection()).forEach((key) -> {
				int length = key.lengthOfAdded(ids.added());
				if (length > 0) {
					sections.add(Section.of(key, length));
				}
			});
		}
		return new AddedKeys(ids.added(), sections, this::layer, mayHaveMore());
	}

	/** The keys at and below {@code broker.endpoints} that are written somewhere. */
	private Stream<WrittenKey> keys(Predicate<ConfigurationPropertyName> filter) {
		return this.sources.stream()
			.filter(IterableConfigurationPropertySource.class::isInstance)
			.flatMap((source) -> ((IterableConfigurationPropertySource) source).stream()
				.filter((key) -> (ENDPOINTS.equals(key) || ENDPOINTS.isAncestorOf(key)) && filter.test(key))
				.map((key) -> WrittenKey.of(key, source)))
			.filter((key) -> !key.isOfThePlatform());
	}

	private static void addTo(Map<String, Set<ConfigurationPropertyName>> prefixes, EndpointIds ids, WrittenKey key) {
		int length = key.lengthOfPrefix(ids.sections());
		String id = (length > 0) ? key.id(length, ids.sections()) : null;
		boolean added = id == null && key.lengthOfAdded(ids.added()) > 0;
		if (id == null && added) {
			length = key.lengthOfAdded(ids.added());
			id = key.written(length);
		}
		if (id == null) {
			throw EndpointKeyRefusal.ofUnknownEndpoint(key, ids);
		}
		if (key.isWholePrefix(length)) {
			// An endpoint without settings has an empty section.
			if (!key.isBlank()) {
				throw EndpointKeyRefusal.ofValueForSection(key, id, ids);
			}
		}
		else if (!key.isSetting(length)) {
			throw EndpointKeyRefusal.ofUnknownSetting(key, length);
		}
		else if (key.isNumberOfInstances(length) && added) {
			throw EndpointKeyRefusal.ofInstancesOfAdded(key, id);
		}
		else if (key.isNumberOfInstances(length) && ids.beanOfInstance(id) != null) {
			throw EndpointKeyRefusal.ofInstancesOfInstance(key, id, ids);
		}
		prefixes.computeIfAbsent(id, (none) -> new LinkedHashSet<>()).add(key.prefix(length));
	}

	private void addUnlisted(Map<String, Set<ConfigurationPropertyName>> prefixes, Collection<String> sections) {
		if (mayHaveMore()) {
			sections.stream()
				.filter(ConfigurationPropertyName::isValid)
				.forEach((section) -> prefixes.computeIfAbsent(section, (none) -> new LinkedHashSet<>())
					.add(ENDPOINTS.append(section)));
		}
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
