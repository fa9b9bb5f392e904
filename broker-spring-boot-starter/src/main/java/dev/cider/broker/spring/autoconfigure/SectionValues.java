package dev.cider.broker.spring.autoconfigure;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.core.convert.ConversionException;
import org.springframework.core.env.Environment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Refuses a value where a section of the properties is expected, as in
 * {@code broker.restart=always}. Spring Boot refuses this too, but its message has
 * neither value nor origin. If a setting below the section is set as well, Spring Boot
 * ignores the value.
 */
final class SectionValues {

	/** The settings inside sections, with the types of their values. */
	private static final Map<ConfigurationPropertyName, Class<?>> SETTINGS = settings();

	private SectionValues() {
	}

	private static Map<ConfigurationPropertyName, Class<?>> settings() {
		Map<ConfigurationPropertyName, Class<?>> settings = new LinkedHashMap<>(EndpointProperties.KEYS);
		settings.putAll(PropertyKeys.of(BrokerProperties.class));
		settings.keySet().removeIf((key) -> key.getNumberOfElements() == 1);
		return settings;
	}

	/**
	 * Checks all sections that endpoints share.
	 * @throws InvalidBrokerPropertyException if one of them has a value
	 */
	static void refuse(Environment environment) {
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
			SETTINGS.keySet().stream().map(ConfigurationPropertyName::getParent).distinct().forEach((section) -> {
				ConfigurationProperty property = source.getConfigurationProperty(EndpointKeys.SHARED.append(section));
				// An empty section of YAML has an empty value.
				if (property != null && !String.valueOf(property.getValue()).isBlank()) {
					throw refusal(property, section);
				}
			});
		}
	}

	private static InvalidBrokerPropertyException refusal(ConfigurationProperty property,
			ConfigurationPropertyName section) {
		List<ConfigurationPropertyName> settings = SETTINGS.keySet().stream().filter(section::isParentOf).toList();
		ConfigurationPropertyName name = property.getName();
		Object value = property.getValue();
		String origin = (property.getOrigin() != null) ? " (originating from " + property.getOrigin() + ")" : "";
		String known = settings.stream().map((setting) -> spell(property, setting)).collect(Collectors.joining(", "));
		ConfigurationPropertyName meant = settings.stream()
			.filter((setting) -> isWordOf(setting, value))
			.findFirst()
			.orElse(null);
		return new InvalidBrokerPropertyException(
				"Configuration property '" + name + "' with value '" + value + "'" + origin + " is a value, but '"
						+ name + "' is a section of settings. Known settings are " + known,
				(meant != null)
						? "Write '" + spell(property, meant) + "=" + value + "' instead, or remove the property."
						: "Write one of the known settings instead, or remove the property.");
	}

	/** How this kind of source spells the key of a setting. */
	private static String spell(ConfigurationProperty section, ConfigurationPropertyName setting) {
		String key = EndpointKeys.SHARED.append(setting).toString();
		ConfigurationPropertySource source = section.getSource();
		return (source != null && source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource)
				? key.replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT) : key;
	}

	/** Only a value of an enum shows the setting that it is meant for. */
	private static boolean isWordOf(ConfigurationPropertyName setting, @Nullable Object value) {
		Class<?> type = SETTINGS.get(setting);
		try {
			return type != null && type.isEnum()
					&& ApplicationConversionService.getSharedInstance().convert(value, type) != null;
		}
		catch (ConversionException ex) {
			return false;
		}
	}

}
