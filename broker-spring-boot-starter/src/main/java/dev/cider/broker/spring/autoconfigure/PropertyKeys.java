package dev.cider.broker.spring.autoconfigure;

import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Map;

import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;

/**
 * Derives property keys from the records that properties are bound to.
 */
final class PropertyKeys {

	private PropertyKeys() {
	}

	/**
	 * The keys of a record in their order, each with the type of its value. Those of a
	 * nested record begin with its name, as in {@code restart.max-delay}.
	 */
	static Map<ConfigurationPropertyName, Class<?>> of(Class<?> type) {
		Map<ConfigurationPropertyName, Class<?>> keys = new LinkedHashMap<>();
		for (RecordComponent component : type.getRecordComponents()) {
			ConfigurationPropertyName name = name(component.getName());
			if (component.getType().isRecord()) {
				of(component.getType()).forEach((key, value) -> keys.put(name.append(key), value));
			}
			else {
				keys.put(name, component.getType());
			}
		}
		return keys;
	}

	/**
	 * The keys of a record that have a default, each with its default as a user would
	 * write it.
	 */
	static Map<ConfigurationPropertyName, String> defaults(Class<?> type) {
		Map<ConfigurationPropertyName, String> defaults = new LinkedHashMap<>();
		RecordComponent[] components = type.getRecordComponents();
		// The annotation is on the parameters of the only constructor, not on the
		// components.
		Parameter[] parameters = type.getDeclaredConstructors()[0].getParameters();
		for (int i = 0; i < components.length; i++) {
			ConfigurationPropertyName name = name(components[i].getName());
			DefaultValue defaultValue = parameters[i].getAnnotation(DefaultValue.class);
			if (components[i].getType().isRecord()) {
				defaults(components[i].getType()).forEach((key, value) -> defaults.put(name.append(key), value));
			}
			else if (defaultValue != null) {
				defaults.put(name, String.join(",", defaultValue.value()));
			}
		}
		return defaults;
	}

	private static ConfigurationPropertyName name(String component) {
		return ConfigurationPropertyName.of(DataObjectPropertyName.toDashedForm(component));
	}

}
