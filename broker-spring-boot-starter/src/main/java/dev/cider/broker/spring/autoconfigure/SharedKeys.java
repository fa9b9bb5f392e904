package dev.cider.broker.spring.autoconfigure;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;

/**
 * Refuses a misspelt key below {@code broker} that is neither below
 * {@code broker.endpoints} nor below {@code broker.configs}. An application may have
 * properties of its own there, as {@code broker.url}: so a key is refused only if it
 * belongs to a section of the broker, or is a known key but for a typing error.
 */
final class SharedKeys {

	private static final Map<ConfigurationPropertyName, Class<?>> KNOWN = known();

	/** Without the sections by id and by name: an application may have an "endpoint". */
	private static final List<String> NAMES = KNOWN.entrySet()
		.stream()
		.filter((known) -> known.getValue() != Map.class)
		.map((known) -> known.getKey().toString())
		.toList();

	/** As {@code restart}, below which an application has no properties of its own. */
	private static final Set<String> SECTIONS = KNOWN.keySet()
		.stream()
		.filter((key) -> key.getNumberOfElements() > 1)
		.map((key) -> key.getElement(0, Form.UNIFORM))
		.collect(Collectors.toUnmodifiableSet());

	private static final int FIRST = EndpointKeys.SHARED.getNumberOfElements();

	private SharedKeys() {
	}

	private static Map<ConfigurationPropertyName, Class<?>> known() {
		Map<ConfigurationPropertyName, Class<?>> known = new LinkedHashMap<>(EndpointProperties.KEYS);
		known.putAll(PropertyKeys.of(BrokerProperties.class));
		known.putAll(PropertyKeys.of(BrokerEndpointsProperties.class));
		return known;
	}

	/**
	 * Checks all keys that the sources can list.
	 * @throws InvalidBrokerPropertyException if one of them is misspelt
	 */
	static void check(List<ConfigurationPropertySource> sources) {
		for (ConfigurationPropertySource source : sources) {
			if (source instanceof IterableConfigurationPropertySource iterable) {
				iterable.stream()
					.filter((key) -> EndpointKeys.SHARED.isAncestorOf(key) && !isKnown(key.subName(FIRST)))
					.map((key) -> WrittenKey.of(key, source))
					.filter((key) -> !key.isBlank() && !key.isOfThePlatform())
					.forEach(SharedKeys::check);
			}
		}
	}

	private static boolean isKnown(ConfigurationPropertyName key) {
		return KNOWN.entrySet().stream().anyMatch((known) -> {
			boolean holdsMore = known.getValue() == Map.class;
			boolean list = known.getValue() == List.class && key.isLastElementIndexed()
					&& known.getKey().equals(key.getParent());
			return list || known.getKey().equals(key) || (holdsMore && known.getKey().isAncestorOf(key))
					|| key.isAncestorOf(known.getKey());
		});
	}

	private static void check(WrittenKey key) {
		ConfigurationPropertyName setting = key.setting(FIRST);
		if (setting.equals(EndpointProperties.INSTANCES)) {
			throw EndpointKeyRefusal.ofInstancesElsewhere(key);
		}
		if (key.variable() && isKnownVariable(setting)) {
			return;
		}
		String first = setting.getElement(0, Form.UNIFORM);
		if (SECTIONS.contains(first)) {
			throw refusal(key, nearest(first + ".", setting.subName(1).toString()));
		}
		String nearest = nearest("", setting.toString());
		if (nearest != null && NearestName.isTypingError(setting.toString(), nearest)) {
			throw refusal(key, nearest);
		}
		String section = sectionOfEndpoint(key);
		if (section != null) {
			throw refusal(key, section);
		}
	}

	/** The known name that begins with a section and is the nearest in what follows. */
	private static @Nullable String nearest(String section, String written) {
		String nearest = NearestName.of(written,
				NAMES.stream()
					.filter((name) -> name.startsWith(section))
					.map((name) -> name.substring(section.length()))
					.toList());
		return (nearest != null) ? section + nearest : null;
	}

	/** An environment variable shows a dash like a dot, or not at all. */
	private static boolean isKnownVariable(ConfigurationPropertyName setting) {
		boolean element = setting.isLastElementIndexed();
		String plain = WrittenKey.uniform(element ? setting.getParent() : setting);
		return KNOWN.entrySet()
			.stream()
			.filter((known) -> !element || known.getValue() == List.class)
			.anyMatch((known) -> WrittenKey.uniform(known.getKey()).equals(plain));
	}

	/**
	 * The section that is meant by a key like {@code broker.endpoint.tcp.auto-start}.
	 * @return {@code null} if no setting of an endpoint follows
	 */
	private static @Nullable String sectionOfEndpoint(WrittenKey key) {
		int length = key.name().getNumberOfElements();
		if (length < FIRST + 3 || IntStream.range(FIRST + 2, length).noneMatch(key::isSetting)) {
			return null;
		}
		String first = key.name().getElement(FIRST, Form.ORIGINAL);
		return PropertyKeys.of(BrokerEndpointsProperties.class)
			.keySet()
			.stream()
			.map(Object::toString)
			.filter((section) -> NearestName.isTypingError(first, section))
			.findFirst()
			.map((section) -> ConfigurationPropertyName.of(section).append(key.name().subName(FIRST + 1)).toString())
			.orElse(null);
	}

	private static InvalidBrokerPropertyException refusal(WrittenKey key, @Nullable String nearest) {
		String own = EndpointKeys.SHARED + "." + key.name().getElement(FIRST, Form.ORIGINAL);
		return new InvalidBrokerPropertyException(
				"Configuration property '" + key.name() + "'" + key.value()
						+ " is no setting of the broker. Known settings are " + String.join(", ", NAMES) + " below "
						+ EndpointKeys.SHARED + ((nearest != null) ? ". Did you mean '" + nearest + "'?" : ""),
				((nearest != null) ? "Write '" + spell(key, nearest) + "' instead, or remove the property."
						: "Remove the property, or write one of the known settings.")
						+ " If it is a property of your own application, give it a name that does not begin with '"
						+ own + "'.");
	}

	/** How this kind of source spells a key. */
	private static String spell(WrittenKey key, String setting) {
		String full = EndpointKeys.SHARED + "." + setting;
		return key.variable() ? full.replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT) : full;
	}

}
