package dev.cider.broker.spring.autoconfigure;

import org.jspecify.annotations.Nullable;

/**
 * Which bean names can be the id of an endpoint: those that can be a segment of the path
 * {@code /actuator/broker/{id}}. Tomcat answers an encoded slash, backslash or null
 * character with 400 before any application sees it, and so does the firewall of Spring
 * Security for semicolons, percent signs and line ends; what stands for a directory is
 * resolved by clients.
 */
final class EndpointId {

	private static final String SEPARATORS = "/\\;%";

	private EndpointId() {
	}

	/**
	 * Looks whether a bean name can be an id.
	 * @return what is wrong with it, or {@code null}
	 */
	static @Nullable String flaw(String id) {
		if (id.equals(".") || id.equals("..")) {
			return "is a name for a directory";
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
