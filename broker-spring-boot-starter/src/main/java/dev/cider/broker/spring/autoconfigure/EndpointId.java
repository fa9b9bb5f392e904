package dev.cider.broker.spring.autoconfigure;

import org.jspecify.annotations.Nullable;

/**
 * Checks that a bean name can be the id of an endpoint: it must be usable as a segment of
 * the path {@code /actuator/broker/{id}}. Tomcat answers an encoded slash, backslash or
 * null character with 400 before any application sees it. The firewall of Spring Security
 * refuses semicolons, percent signs and line ends. HTTP clients resolve {@code .} and
 * {@code ..}.
 */
final class EndpointId {

	private static final String SEPARATORS = "/\\;%";

	private EndpointId() {
	}

	/**
	 * Checks whether a bean name can be an id.
	 * @return what is wrong with it, or {@code null}
	 */
	static @Nullable String flaw(String id) {
		if (id.equals(".") || id.equals("..")) {
			return "stands for a directory in a path";
		}
		return id.codePoints()
			.filter(EndpointId::isRefused)
			.mapToObj((refused) -> "contains " + name(refused))
			.findFirst()
			.orElse(null);
	}

	private static boolean isRefused(int character) {
		return SEPARATORS.indexOf(character) >= 0 || isInvisible(character);
	}

	private static boolean isInvisible(int character) {
		return Character.isISOControl(character) || Character.getType(character) == Character.LINE_SEPARATOR
				|| Character.getType(character) == Character.PARAGRAPH_SEPARATOR;
	}

	private static String name(int character) {
		return isInvisible(character) ? String.format("the character U+%04X", character)
				: "'" + Character.toString(character) + "'";
	}

}
