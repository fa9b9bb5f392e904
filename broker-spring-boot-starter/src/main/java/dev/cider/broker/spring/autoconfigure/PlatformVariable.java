package dev.cider.broker.spring.autoconfigure;

import java.util.regex.Pattern;

/**
 * Recognises the environment variables that a platform sets in every container:
 * Kubernetes for each service, Docker for each link. For a service named
 * {@code broker-endpoints}, or {@code broker-endpoints-tcp}, these variables look like
 * keys of endpoints.
 */
final class PlatformVariable {

	private static final String ADDRESS = "[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*";

	private static final String URL = "(tcp|udp|sctp)://\\S+";

	private static final String PORT = "(.*_)?PORT_\\d+_(TCP|UDP|SCTP)";

	private PlatformVariable() {
	}

	/**
	 * Whether both name and value are what a platform sets.
	 * @param name what follows {@code BROKER_ENDPOINTS_}
	 * @param linked whether Docker has linked a container of this name: then Docker also
	 * copies the environment of that container
	 */
	static boolean is(String name, String value, boolean linked) {
		return is("(.*_)?SERVICE_HOST", name, ADDRESS, value) || is("(.*_)?SERVICE_PORT(_.+)?", name, "\\d+", value)
				|| is("(.*_)?PORT", name, URL, value) || is(PORT, name, URL, value)
				|| is(PORT + "_PROTO", name, "tcp|udp|sctp", value) || is(PORT + "_PORT(_.+)?", name, "\\d+.*", value)
				|| is(PORT + "_ADDR", name, ADDRESS, value) || (linked && name.matches("NAME|ENV_.*"));
	}

	private static boolean is(String names, String name, String values, String value) {
		return Pattern.matches(names, name) && Pattern.matches(values, value);
	}

}
