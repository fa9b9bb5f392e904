package dev.cider.broker.spring.autoconfigure;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Finds which keys below {@code broker.endpoints} belong to which endpoint, and refuses
 * those that belong to none. An id may be written as it is or, as Spring Boot allows for
 * every key, without regard to case and dashes: an environment variable has no other way.
 */
final class EndpointKeysFinder {

	private static final ConfigurationPropertyName ENDPOINTS = ConfigurationPropertyName.of("broker.endpoints");

	private final Binder binder;

	private final List<ConfigurationPropertySource> sources = new ArrayList<>();

	EndpointKeysFinder(Environment environment) {
		this.binder = Binder.get(environment);
		ConfigurationPropertySources.get(environment).forEach(this.sources::add);
	}

	/**
	 * The keys that all endpoints share.
	 */
	EndpointKeys shared() {
		return new EndpointKeys(this.binder, this.sources, List.of());
	}

	/**
	 * The keys of each endpoint.
	 * @throws InvalidBrokerPropertyException if there is a key for an id that is not
	 * among these
	 */
	Map<String, EndpointKeys> find(Collection<String> ids) {
		Map<String, Set<ConfigurationPropertyName>> prefixes = new LinkedHashMap<>();
		ids.forEach((id) -> prefixes.put(id, new LinkedHashSet<>()));
		Set<String> known = Set.copyOf(ids);
		for (ConfigurationPropertySource source : this.sources) {
			if (source instanceof IterableConfigurationPropertySource iterable) {
				iterable.stream().filter(ENDPOINTS::isAncestorOf).forEach((key) -> {
					ConfigurationPropertyName prefix = key.chop(ENDPOINTS.getNumberOfElements() + 1);
					String id = idOf(prefix, known);
					if (id == null) {
						throw unknown(source.getConfigurationProperty(key), key, prefix, ids);
					}
					requireKnown(source.getConfigurationProperty(key), key, prefix);
					prefixes.computeIfAbsent(id, (first) -> new LinkedHashSet<>()).add(prefix);
				});
			}
		}
		if (mayHaveMore()) {
			ids.stream()
				.filter(ConfigurationPropertyName::isValid)
				.forEach((id) -> prefixes.getOrDefault(id, new LinkedHashSet<>()).add(ENDPOINTS.append(id)));
		}
		Map<String, EndpointKeys> keys = new LinkedHashMap<>();
		prefixes.forEach((id, own) -> keys.put(id, new EndpointKeys(this.binder, this.sources, List.copyOf(own))));
		return keys;
	}

	/**
	 * Whether there is a source that cannot list its keys, but can be asked for one. Most
	 * such sources know that they have none of ours; to ask for each key of thousands of
	 * endpoints would take longer than all the rest of the start.
	 */
	private boolean mayHaveMore() {
		return this.sources.stream()
			.filter((source) -> !(source instanceof IterableConfigurationPropertySource))
			.anyMatch((source) -> source.containsDescendantOf(ENDPOINTS) != ConfigurationPropertyState.ABSENT);
	}

	private static @Nullable String idOf(ConfigurationPropertyName prefix, Collection<String> ids) {
		String written = prefix.getLastElement(Form.ORIGINAL);
		if (ids.contains(written)) {
			return written;
		}
		List<String> alike = prefix.isLastElementIndexed() ? List.of()
				: ids.stream().filter((id) -> uniform(id).equals(uniform(written))).toList();
		return (alike.size() == 1) ? alike.get(0) : null;
	}

	private static String uniform(String id) {
		return id.replaceAll("[^A-Za-z0-9]", "").toLowerCase(Locale.ROOT);
	}

	/** A misspelt setting would otherwise do nothing, and nobody would know. */
	private static void requireKnown(@Nullable ConfigurationProperty property, ConfigurationPropertyName key,
			ConfigurationPropertyName prefix) {
		ConfigurationPropertyName setting = key.subName(prefix.getNumberOfElements());
		boolean known = ConfiguredOptions.KEYS.stream()
			.map(ConfigurationPropertyName::of)
			.anyMatch((name) -> isOrIsElementOf(setting, name)
					|| (isEnvironment(property) && uniform(name.toString()).equals(uniform(setting.toString()))));
		if (!known) {
			String nearest = NearestName.of(setting.toString(), ConfiguredOptions.KEYS);
			throw new InvalidBrokerPropertyException(
					"Configuration property '" + key + "'" + value(property)
							+ " is no setting of an endpoint: known are " + String.join(", ", ConfiguredOptions.KEYS)
							+ " below " + prefix + question(nearest),
					(nearest != null) ? "Write '" + prefix.append(nearest) + "' instead, or remove it."
							: "Remove it, or write one of the known settings.");
		}
	}

	private static String question(@Nullable String nearest) {
		return (nearest != null) ? ". Did you mean '" + nearest + "'?" : "";
	}

	private static boolean isOrIsElementOf(ConfigurationPropertyName setting, ConfigurationPropertyName name) {
		return setting.equals(name) || (name.isParentOf(setting) && setting.isLastElementIndexed());
	}

	/** There, {@code CLOSE_TIMEOUT} reads as {@code close.timeout}. */
	private static boolean isEnvironment(@Nullable ConfigurationProperty property) {
		return property != null && property.getSource() != null
				&& property.getSource().getUnderlyingSource() instanceof SystemEnvironmentPropertySource;
	}

	private static String value(@Nullable ConfigurationProperty property) {
		if (property == null) {
			return "";
		}
		String origin = (property.getOrigin() != null) ? " (originating from " + property.getOrigin() + ")" : "";
		return " with value '" + property.getValue() + "'" + origin;
	}

	private static InvalidBrokerPropertyException unknown(@Nullable ConfigurationProperty property,
			ConfigurationPropertyName key, ConfigurationPropertyName prefix, Collection<String> ids) {
		String written = prefix.getLastElement(Form.ORIGINAL);
		String known = ids.isEmpty() ? "there is none" : "known ids are '" + String.join("', '", ids) + "'";
		String nearest = NearestName.of(written, ids);
		String correct = (nearest != null)
				? "Write '" + key(nearest, key.subName(prefix.getNumberOfElements())) + "' instead, or name"
				: "Remove the property, or name";
		return new InvalidBrokerPropertyException(
				"Configuration property '" + key + "'" + value(property) + " is for an endpoint '" + written
						+ "' that does not exist: " + known + question(nearest),
				correct + " a @Supervised bean '" + written + "'." + brackets(ids));
	}

	private static String key(String id, ConfigurationPropertyName setting) {
		return ENDPOINTS + (isPlain(id) ? "." + id : "[" + id + "]") + "." + setting;
	}

	private static String brackets(Collection<String> ids) {
		return ids.stream().allMatch(EndpointKeysFinder::isPlain) ? ""
				: " An id with other characters than letters, digits and dashes is written in brackets, as in "
						+ "broker.endpoints[my.id].auto-start.";
	}

	private static boolean isPlain(String id) {
		return uniform(id).equalsIgnoreCase(id.replace("-", ""));
	}

}
