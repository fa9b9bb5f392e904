package dev.cider.broker.spring.autoconfigure;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * A key at or below {@code broker.endpoints} or {@code broker.configs} as the user has
 * written it. The id of an endpoint may be written exactly or, as Spring Boot allows for
 * every key, with other case and dashes. An environment variable allows only the second
 * form, and shows a dash or a dot like the end of the id. The same holds for the name of
 * a config, which takes the place of the id.
 *
 * @param name the key
 * @param property its value and origin, if its source has them
 * @param variable whether it is the name of an environment variable
 * @param linked whether Docker has linked a container of this name
 */
record WrittenKey(ConfigurationPropertyName name, @Nullable ConfigurationProperty property, boolean variable,
		boolean linked) {

	private static final int SECTION = EndpointKeysFinder.ENDPOINTS.getNumberOfElements();

	static WrittenKey of(ConfigurationPropertyName name, ConfigurationPropertySource source) {
		boolean variable = source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource;
		ConfigurationProperty link = variable ? source.getConfigurationProperty(name.chop(SECTION).append("name"))
				: null;
		return new WrittenKey(name, source.getConfigurationProperty(name), variable,
				link != null && String.valueOf(link.getValue()).startsWith("/"));
	}

	/**
	 * The number of elements up to and including the id.
	 * @return 0 if the key is for none of these ids
	 */
	int lengthOfPrefix(Collection<String> ids) {
		int first = SECTION + 1;
		int last = this.variable ? this.name.getNumberOfElements() : Math.min(first, this.name.getNumberOfElements());
		List<Integer> known = IntStream.rangeClosed(first, last)
			.filter((length) -> id(length, ids) != null)
			.boxed()
			.toList();
		return known.stream().filter(this::isSetting).findFirst().orElse(known.isEmpty() ? 0 : known.get(0));
	}

	/**
	 * The number of elements up to and including the id of an endpoint that may be added,
	 * or the pattern of such ids.
	 * @return 0 if the key is for none of these patterns
	 */
	int lengthOfAdded(List<IdPattern> patterns) {
		int first = SECTION + 1;
		int last = this.variable ? this.name.getNumberOfElements() : Math.min(first, this.name.getNumberOfElements());
		List<Integer> known = IntStream.rangeClosed(first, last)
			.filter((length) -> patterns.stream().anyMatch((pattern) -> isFor(pattern, length)))
			.boxed()
			.toList();
		return known.stream().filter(this::isSetting).findFirst().orElse(known.isEmpty() ? 0 : known.get(0));
	}

	private boolean isFor(IdPattern pattern, int length) {
		String written = written(length);
		return pattern.matches(written) || (!isExact(length) && pattern.mayMatch(uniform(written)));
	}

	/** Whether it was written in brackets, so that each character counts. */
	boolean isExact(int length) {
		return prefix(length).isLastElementIndexed() && !this.variable;
	}

	/**
	 * The id that the prefix of this length means; {@code null} if there is none, or more
	 * than one.
	 */
	@Nullable String id(int length, Collection<String> ids) {
		String written = written(length);
		if (ids.contains(written)) {
			return written;
		}
		List<String> alike = isExact(length) ? List.of() : alike(length, ids);
		return (alike.size() == 1) ? alike.get(0) : null;
	}

	/**
	 * The ids that the prefix of this length may mean.
	 */
	List<String> alike(int length, Collection<String> ids) {
		String plain = uniform(written(length));
		return ids.stream().filter((id) -> uniform(id).equals(plain)).toList();
	}

	/** The id as it is written. */
	String written(int length) {
		return IntStream.range(SECTION, length)
			.mapToObj((i) -> this.name.getElement(i, Form.ORIGINAL))
			.collect(Collectors.joining("."));
	}

	ConfigurationPropertyName prefix(int length) {
		return this.name.chop(length);
	}

	ConfigurationPropertyName setting(int length) {
		return this.name.subName(length);
	}

	boolean isWholePrefix(int length) {
		return this.name.getNumberOfElements() == length;
	}

	/**
	 * Whether the rest is a known setting: a misspelt one must not be ignored silently.
	 */
	boolean isSetting(int length) {
		if (isNumberOfInstances(length)) {
			return true;
		}
		ConfigurationPropertyName setting = setting(length);
		boolean element = !setting.isEmpty() && setting.isLastElementIndexed();
		ConfigurationPropertyName plain = element ? setting.getParent() : setting;
		return EndpointProperties.KEYS.keySet()
			.stream()
			.filter((known) -> !element || EndpointProperties.KEYS.get(known) == List.class)
			.anyMatch((known) -> known.equals(plain) || (this.variable && uniform(known).equals(uniform(plain))));
	}

	/**
	 * Whether the rest is the number of instances, which a config cannot have.
	 */
	boolean isNumberOfInstances(int length) {
		return setting(length).equals(EndpointProperties.INSTANCES) && isOfEndpoint();
	}

	/** Not of a config. */
	boolean isOfEndpoint() {
		return !section().equals(NamedConfigs.CONFIGS);
	}

	/**
	 * Whether the key is an empty section, as YAML allows it: {@code broker.endpoints} or
	 * a section inside an endpoint's. The section of an endpoint itself is not included,
	 * because it is accepted only if that endpoint exists.
	 */
	boolean isEmptySection() {
		ConfigurationPropertyName setting = (this.name.getNumberOfElements() > SECTION) ? setting(SECTION + 1)
				: ConfigurationPropertyName.EMPTY;
		return isBlank() && (this.name.getNumberOfElements() == SECTION
				|| (!setting.isEmpty() && EndpointProperties.KEYS.keySet().stream().anyMatch(setting::isAncestorOf)));
	}

	boolean isBlank() {
		return this.property == null || String.valueOf(this.property.getValue()).isBlank();
	}

	boolean isList() {
		return this.name.getNumberOfElements() > SECTION && this.name.chop(SECTION + 1).isLastElementIndexed()
				&& written(SECTION + 1).matches("\\d+");
	}

	/**
	 * Whether the key is an environment variable that a platform has set.
	 */
	boolean isOfThePlatform() {
		return this.variable && this.property != null
				&& PlatformVariable.is(spelled(), String.valueOf(this.property.getValue()), this.linked);
	}

	/** The rest of the key as an environment variable spells it. */
	private String spelled() {
		return IntStream.range(SECTION, this.name.getNumberOfElements())
			.mapToObj((i) -> this.name.getElement(i, Form.UNIFORM).toUpperCase(Locale.ROOT))
			.collect(Collectors.joining("_"));
	}

	/**
	 * How this kind of source spells a key.
	 */
	String spell(String id, ConfigurationPropertyName setting) {
		if (!this.variable) {
			return section() + (isPlain(id) ? "." + id : "[" + id + "]") + (setting.isEmpty() ? "" : "." + setting);
		}
		String rest = IntStream.range(0, setting.getNumberOfElements())
			.mapToObj((i) -> "_" + setting.getElement(i, Form.UNIFORM).toUpperCase(Locale.ROOT))
			.collect(Collectors.joining());
		return section().toString().replace('.', '_').toUpperCase(Locale.ROOT) + "_"
				+ uniform(id).toUpperCase(Locale.ROOT) + rest;
	}

	/** {@code broker.endpoints} or {@code broker.configs}. */
	private ConfigurationPropertyName section() {
		return this.name.chop(SECTION);
	}

	/** Value and origin, for messages. */
	String value() {
		if (this.property == null) {
			return "";
		}
		String origin = (this.property.getOrigin() != null) ? " (originating from " + this.property.getOrigin() + ")"
				: "";
		return " with value '" + this.property.getValue() + "'" + origin;
	}

	static boolean isPlain(String id) {
		return uniform(id).equalsIgnoreCase(id.replace("-", ""));
	}

	static String uniform(Object name) {
		return name.toString().replaceAll("[^A-Za-z0-9]", "").toLowerCase(Locale.ROOT);
	}

}
