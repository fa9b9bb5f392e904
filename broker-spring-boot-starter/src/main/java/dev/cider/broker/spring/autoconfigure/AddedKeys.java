package dev.cider.broker.spring.autoconfigure;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;

/**
 * The keys below {@code broker.endpoints} for endpoints that the application adds while
 * it runs: of a single id, or of all ids that match a pattern, whose section has the
 * pattern as its name. The endpoints need not exist yet.
 */
final class AddedKeys {

	private final List<IdPattern> patterns;

	private final List<Section> sections;

	private final Function<Set<ConfigurationPropertyName>, KeyLayer> layers;

	private final boolean unlisted;

	/**
	 * The keys that were found.
	 * @param patterns the patterns, the one with precedence first
	 * @param sections what is written, in the order of its sources
	 * @param layers completes a section by its base configs
	 * @param unlisted whether a source that cannot list its keys may have more
	 */
	AddedKeys(List<IdPattern> patterns, Set<Section> sections,
			Function<Set<ConfigurationPropertyName>, KeyLayer> layers, boolean unlisted) {
		this.patterns = patterns;
		this.sections = List.copyOf(sections);
		this.layers = layers;
		this.unlisted = unlisted;
	}

	/**
	 * Each section by itself, to check its values before there is such an endpoint.
	 */
	Map<String, EndpointKeys> written() {
		Map<String, Set<ConfigurationPropertyName>> prefixes = new LinkedHashMap<>();
		this.sections.forEach((section) -> prefixes.computeIfAbsent(section.written, (none) -> new LinkedHashSet<>())
			.add(section.prefix));
		Map<String, EndpointKeys> keys = new LinkedHashMap<>();
		prefixes.forEach((written, all) -> keys.put(written, keys(written, new Place(all, Set.of()))));
		return keys;
	}

	/**
	 * Where the settings of an endpoint stand.
	 * @return {@code null} if its id matches no pattern
	 */
	@Nullable Place place(String id) {
		IdPattern pattern = this.patterns.stream().filter((each) -> each.matches(id)).findFirst().orElse(null);
		if (pattern == null) {
			return null;
		}
		Set<ConfigurationPropertyName> own = new LinkedHashSet<>();
		Set<ConfigurationPropertyName> ofPattern = new LinkedHashSet<>();
		String plain = WrittenKey.uniform(id);
		for (Section section : this.sections) {
			if (section.isOf(pattern)) {
				ofPattern.add(section.prefix);
			}
			else if (section.written.equals(id) || (!plain.isEmpty() && plain.equals(section.plain))) {
				own.add(section.prefix);
			}
		}
		if (this.unlisted && ConfigurationPropertyName.isValid(id)) {
			own.add(EndpointKeysFinder.ENDPOINTS.append(id));
		}
		return new Place(own, ofPattern);
	}

	/**
	 * The keys of an endpoint. Those that all endpoints share are none of them.
	 */
	EndpointKeys keys(String id, Place place) {
		return new EndpointKeys(id, this.layers.apply(place.own), this.layers.apply(place.ofPattern),
				this.layers.apply(Set.of()));
	}

	/** Whether some keys are only found by asking for them. */
	boolean isUnlisted() {
		return this.unlisted;
	}

	/**
	 * A section that is written somewhere.
	 *
	 * @param written the id or the pattern
	 * @param plain its letters and digits, if only these count; else {@code null}
	 * @param variable whether an environment variable has it, which cannot name a star
	 * @param prefix as {@code broker.endpoints.tenant-a}
	 */
	record Section(String written, @Nullable String plain, boolean variable, ConfigurationPropertyName prefix) {

		static Section of(WrittenKey key, int length) {
			String written = key.written(length);
			return new Section(written, key.isExact(length) ? null : WrittenKey.uniform(written), key.variable(),
					key.prefix(length));
		}

		boolean isOf(IdPattern pattern) {
			return this.written.equals(pattern.written())
					|| (this.variable && WrittenKey.uniform(pattern.written()).equals(this.plain));
		}

	}

	/**
	 * The prefixes of the sections of an endpoint.
	 *
	 * @param own of its id
	 * @param ofPattern of the first pattern that its id matches
	 */
	record Place(Set<ConfigurationPropertyName> own, Set<ConfigurationPropertyName> ofPattern) {
	}

}
