package dev.cider.broker.spring.autoconfigure;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;

/**
 * The settings by name below {@code broker.configs}, and which of them complete a section
 * that names one as its {@code base-config}. Of the name of a config only letters and
 * digits count, without case, so that an environment variable can spell each name.
 */
final class NamedConfigs {

	static final ConfigurationPropertyName CONFIGS = ConfigurationPropertyName.of("broker.configs");

	private static final String BASE = "base-config";

	private static final int FIRST = CONFIGS.getNumberOfElements() + 1;

	private final Binder binder;

	private final List<ConfigurationPropertySource> sources;

	/** Of the threads that add endpoints, each may find one. */
	private final Map<String, NamedConfig> configs = new ConcurrentHashMap<>();

	NamedConfigs(Binder binder, List<ConfigurationPropertySource> sources) {
		this.binder = binder;
		this.sources = sources;
		List<WrittenKey> unknown = new ArrayList<>();
		keys().forEach((key) -> {
			if (!add(key)) {
				unknown.add(key);
			}
		});
		if (!unknown.isEmpty()) {
			throw ConfigRefusal.ofUnknownSetting(unknown.get(0), lengthOfName(unknown.get(0)));
		}
		// A wrong base config is refused even if no endpoint uses it. In the order of the
		// names, so that the message is the same at each start.
		this.configs.values()
			.stream()
			.sorted(Comparator.comparing(NamedConfig::name))
			.forEach((config) -> bases(config.prefixes(), List.of(config)));
	}

	private Stream<WrittenKey> keys() {
		return this.sources.stream()
			.filter(IterableConfigurationPropertySource.class::isInstance)
			.flatMap((source) -> ((IterableConfigurationPropertySource) source).stream()
				.filter((key) -> CONFIGS.equals(key) || CONFIGS.isAncestorOf(key))
				.map((key) -> WrittenKey.of(key, source)))
			.filter((key) -> !key.isOfThePlatform());
	}

	/**
	 * Adds the config that a key belongs to.
	 * @return false if the key is no setting
	 */
	private boolean add(WrittenKey key) {
		if (key.name().equals(CONFIGS)) {
			if (!key.isBlank()) {
				throw ConfigRefusal.ofShape(key, "is a value");
			}
			return true;
		}
		if (key.isList()) {
			throw ConfigRefusal.ofShape(key, "is an element of a list");
		}
		if (key.isWholePrefix(FIRST) && !key.isBlank()) {
			throw ConfigRefusal.ofShape(key, "is a value");
		}
		int length = lengthOfSettings(key);
		if (length == 0) {
			return false;
		}
		NamedConfig added = NamedConfig.of(key.written(length), key.variable(), key.prefix(length));
		this.configs.merge(plain(added.name()), added, NamedConfig::and);
		return true;
	}

	/**
	 * The number of elements up to and including the name, if known settings follow. An
	 * environment variable shows a dash in the name like the end of the name.
	 * @return 0 if no known setting follows
	 */
	private static int lengthOfSettings(WrittenKey key) {
		if (key.isWholePrefix(FIRST) || key.isEmptySection()) {
			return FIRST;
		}
		int last = key.variable() ? key.name().getNumberOfElements() - 1 : FIRST;
		return IntStream.rangeClosed(FIRST, last).filter(key::isSetting).findFirst().orElse(0);
	}

	/**
	 * The number of elements of a key that is no setting up to and including the name of
	 * the config that it is probably for.
	 */
	private int lengthOfName(WrittenKey key) {
		int last = key.variable() ? key.name().getNumberOfElements() - 1 : FIRST;
		return IntStream.rangeClosed(FIRST, last)
			.filter((length) -> this.configs.containsKey(plain(key.written(length))))
			.findFirst()
			.orElse(FIRST);
	}

	/**
	 * The prefixes of the configs that complete a section, the nearest first.
	 * @param section the prefixes of the section
	 * @throws InvalidBrokerPropertyException if one of them does not exist
	 */
	List<ConfigurationPropertyName> basesOf(Set<ConfigurationPropertyName> section) {
		return section.isEmpty() ? List.of() : bases(section, List.of());
	}

	private List<ConfigurationPropertyName> bases(Set<ConfigurationPropertyName> section, List<NamedConfig> from) {
		List<NamedConfig> path = new ArrayList<>(from);
		Set<ConfigurationPropertyName> bases = new LinkedHashSet<>();
		for (NamedConfig base = base(section); base != null; base = base(base.prefixes())) {
			if (path.contains(base)) {
				throw ConfigRefusal.ofCycle(layer(path.get(path.size() - 1).prefixes()),
						path.subList(path.indexOf(base), path.size()).stream().map(NamedConfig::name).toList());
			}
			path.add(base);
			bases.addAll(base.prefixes());
		}
		return List.copyOf(bases);
	}

	private @Nullable NamedConfig base(Set<ConfigurationPropertyName> section) {
		KeyLayer keys = layer(section);
		String name = keys.get(BASE, Bindable.of(String.class)).orElse("").strip();
		if (name.isEmpty()) {
			return null;
		}
		NamedConfig found = this.configs.get(plain(name));
		if (found == null && isUnlisted(name)) {
			found = NamedConfig.of(name, false, CONFIGS.append(name));
			this.configs.put(plain(name), found);
		}
		if (found == null) {
			throw ConfigRefusal.ofUnknownConfig(keys, name, names());
		}
		return found;
	}

	/**
	 * Whether a source that cannot list its keys has a setting of this config.
	 */
	private boolean isUnlisted(String name) {
		return ConfigurationPropertyName.isValid(name) && this.sources.stream()
			.filter((source) -> !(source instanceof IterableConfigurationPropertySource))
			.anyMatch((source) -> EndpointProperties.KEYS.keySet()
				.stream()
				.anyMatch((key) -> source.getConfigurationProperty(CONFIGS.append(name).append(key)) != null));
	}

	private KeyLayer layer(Set<ConfigurationPropertyName> section) {
		return new KeyLayer(this.binder, this.sources, List.copyOf(section));
	}

	private Collection<String> names() {
		return this.configs.values().stream().map(NamedConfig::name).sorted().toList();
	}

	private static String plain(String name) {
		String plain = name.replaceAll("[^\\p{L}\\p{N}]", "").toLowerCase(Locale.ROOT);
		return plain.isEmpty() ? name : plain;
	}

	/**
	 * A config, which may be written in more than one way.
	 *
	 * @param name its name, for messages
	 * @param guessed whether the name is from environment variables, which do not show
	 * its dashes
	 * @param prefixes as {@code broker.configs.client}, the one with precedence first
	 */
	private record NamedConfig(String name, boolean guessed, Set<ConfigurationPropertyName> prefixes) {

		static NamedConfig of(String name, boolean guessed, ConfigurationPropertyName prefix) {
			return new NamedConfig(name, guessed, Set.of(prefix));
		}

		NamedConfig and(NamedConfig other) {
			Set<ConfigurationPropertyName> all = new LinkedHashSet<>(this.prefixes);
			all.addAll(other.prefixes);
			return new NamedConfig(this.guessed ? other.name : this.name, this.guessed && other.guessed, all);
		}

	}

}
