package dev.cider.broker.spring.autoconfigure;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.spring.health.DownWhen;
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
 * {@code broker.restart=always}. Spring Boot refuses it too, but tells neither value nor
 * origin; and if there is a setting below the section as well, it ignores the value.
 */
final class SectionValues {

	/** The sections of {@link BrokerProperties} and what can be set in each. */
	static final Map<String, List<String>> SECTIONS = Map.of("restart",
			List.of("mode", "allowed-consecutive-errors", "error-window", "delay", "multiplier", "max-delay", "jitter",
					"fatal-exceptions", "revive-after"),
			"health", List.of("down-when"), "lifecycle", List.of("phase", "auto-startup"));

	/** Only of a word is it clear which setting it is for. */
	private static final Map<String, Class<?>> WORDS = Map.of("mode", RestartMode.class, "down-when", DownWhen.class);

	private SectionValues() {
	}

	/**
	 * Looks at all sections that endpoints share.
	 * @throws InvalidBrokerPropertyException if one of them has a value
	 */
	static void refuse(Environment environment) {
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
			SECTIONS.forEach((section, settings) -> {
				ConfigurationProperty property = source.getConfigurationProperty(EndpointKeys.SHARED.append(section));
				// An empty section of YAML has an empty value.
				if (property != null && !String.valueOf(property.getValue()).isBlank()) {
					throw refusal(property, settings);
				}
			});
		}
	}

	private static InvalidBrokerPropertyException refusal(ConfigurationProperty property, List<String> settings) {
		ConfigurationPropertyName section = property.getName();
		Object value = property.getValue();
		String origin = (property.getOrigin() != null) ? " (originating from " + property.getOrigin() + ")" : "";
		String known = settings.stream().map((setting) -> spell(property, setting)).collect(Collectors.joining(", "));
		String meant = settings.stream().filter((setting) -> isWordOf(setting, value)).findFirst().orElse(null);
		return new InvalidBrokerPropertyException(
				"Configuration property '" + section + "' with value '" + value + "'" + origin + " is a value, but '"
						+ section + "' is a section with settings below it: known are " + known,
				(meant != null) ? "Write '" + spell(property, meant) + "=" + value + "' instead, or remove it."
						: "Write one of the known settings instead, or remove it.");
	}

	/** How this kind of source spells the key of a setting. */
	private static String spell(ConfigurationProperty section, String setting) {
		String key = section.getName().append(setting).toString();
		ConfigurationPropertySource source = section.getSource();
		return (source != null && source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource)
				? key.replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT) : key;
	}

	private static boolean isWordOf(String setting, @Nullable Object value) {
		Class<?> words = WORDS.get(setting);
		try {
			return words != null && ApplicationConversionService.getSharedInstance().convert(value, words) != null;
		}
		catch (ConversionException ex) {
			return false;
		}
	}

}
