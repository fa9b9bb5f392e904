package dev.cider.broker.spring.autoconfigure;

import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Map;

import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
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
			ConfigurationPropertyName name = ConfigurationPropertyName
				.of(DataObjectPropertyName.toDashedForm(component.getName()));
			if (component.getType().isRecord()) {
				of(component.getType()).forEach((key, value) -> keys.put(name.append(key), value));
			}
			else {
				keys.put(name, component.getType());
			}
		}
		return keys;
	}

}
