package dev.cider.broker.spring.autoconfigure;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;

/**
 * Explains why a key at or below {@code broker.configs}, or the name of a config, is
 * refused, and what to write.
 */
final class ConfigRefusal {

	private static final String BASE = "base-config";

	private static final ConfigurationPropertyName EXAMPLE = ConfigurationPropertyName.of("restart.max-delay");

	private ConfigRefusal() {
	}

	/**
	 * A value or a list where settings by name are expected.
	 */
	static InvalidBrokerPropertyException ofShape(WrittenKey key, String found) {
		return new InvalidBrokerPropertyException(
				"Configuration property '" + key.name() + "'" + key.value() + " " + found
						+ ", but settings by name are expected there, for example '"
						+ key.spell(BuiltInConfigs.CLIENT, EXAMPLE) + "'",
				"Write the settings of a config, or remove the property." + ofTheApplication());
	}

	/**
	 * A key whose setting is unknown.
	 */
	static InvalidBrokerPropertyException ofUnknownSetting(WrittenKey key, int length) {
		return key.setting(length).equals(EndpointProperties.INSTANCES) ? EndpointKeyRefusal.ofInstancesElsewhere(key)
				: EndpointKeyRefusal.ofUnknownSetting(key, length);
	}

	/**
	 * A section whose base config does not exist.
	 */
	static InvalidBrokerPropertyException ofUnknownConfig(KeyLayer section, String name, Collection<String> names) {
		String nearest = NearestName.of(name, names);
		String define = "settings below '" + NamedConfigs.CONFIGS
				+ (WrittenKey.isPlain(name) ? "." + name : "[" + name + "]") + "'";
		return refusal(section,
				"there is no config '" + name + "': known configs are "
						+ names.stream().map((known) -> "'" + known + "'").collect(Collectors.joining(", "))
						+ ((nearest != null) ? ". Did you mean '" + nearest + "'?" : ""),
				(nearest != null) ? "Write '" + nearest + "' instead, or define the config by " + define + "."
						: "Write the name of a known config, or define the config by " + define + ".");
	}

	/**
	 * A config that is completed by itself, perhaps through others.
	 * @param section the last config of the cycle
	 * @param cycle the names, each completed by the next and the last by the first
	 */
	static InvalidBrokerPropertyException ofCycle(KeyLayer section, List<String> cycle) {
		return refusal(section, "the base configs form a cycle: " + String.join(" -> ", cycle) + " -> " + cycle.get(0),
				"Remove the '" + BASE + "' of one of these configs.");
	}

	private static InvalidBrokerPropertyException refusal(KeyLayer section, String rule, String action) {
		ConfigurationProperty property = section.properties(BASE).findFirst().orElseThrow();
		String origin = (property.getOrigin() != null) ? " (originating from " + property.getOrigin() + ")" : "";
		return new InvalidBrokerPropertyException("Invalid value '" + property.getValue()
				+ "' for configuration property '" + property.getName() + "'" + origin + ": " + rule, action);
	}

	private static String ofTheApplication() {
		return " If it is a property of your own application, give it a name that does not begin with '"
				+ NamedConfigs.CONFIGS + "', for example 'app.configs'.";
	}

}
