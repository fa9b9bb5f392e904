package dev.cider.broker.spring.autoconfigure;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * One element of {@code wait-for} or of {@code depends-on}: what must be open before an
 * endpoint is launched.
 *
 * @param kind what it is
 * @param name which one
 * @param written what the gate is called
 * @param key the setting that names it: an element of a list may have a key of its own
 */
record WaitFor(Kind kind, String name, String written, String key) {

	static final String KEY = "wait-for";

	static final String DEPENDS_ON = "depends-on";

	/** The key of what a bean depends on by Spring's annotation. */
	private static final String ANNOTATION = "@DependsOn";

	private static final int MAX_PORT = 65535;

	/**
	 * Reads an element.
	 * @return {@code null} if it is malformed
	 */
	static @Nullable WaitFor of(String element, String key) {
		String written = element.strip();
		int slash = written.indexOf('/');
		String name = written.substring(slash + 1);
		if (slash < 0 || name.isBlank()) {
			return null;
		}
		String prefix = written.substring(0, slash);
		return Arrays.stream(Kind.values())
			.filter((kind) -> kind != Kind.DEPENDS_ON && kind.prefix().equals(prefix)
					&& (kind != Kind.TCP || isAddress(name)))
			.findFirst()
			.map((kind) -> new WaitFor(kind, name, written, key))
			.orElse(null);
	}

	/**
	 * Another endpoint that an endpoint depends on.
	 * @param key the setting that names it
	 */
	static WaitFor dependency(String id, String key) {
		return new WaitFor(Kind.DEPENDS_ON, id, Kind.DEPENDS_ON.prefix() + "/" + id, key);
	}

	/**
	 * Another endpoint whose bean a bean depends on.
	 */
	static WaitFor annotated(String id) {
		return dependency(id, ANNOTATION);
	}

	/** As {@code localhost:5432} or {@code [::1]:5432}. */
	private static boolean isAddress(String name) {
		int colon = name.lastIndexOf(':');
		try {
			int port = Integer.parseInt(name.substring(colon + 1));
			return colon > 0 && name.indexOf('/') < 0 && port > 0 && port <= MAX_PORT;
		}
		catch (NumberFormatException ex) {
			return false;
		}
	}

	/**
	 * What it stands for: all instances of a bean, if it names such a bean.
	 */
	Stream<WaitFor> instances(EndpointIds ids) {
		List<String> instances = isEndpoint() ? ids.instances(this.name) : List.of();
		return instances.isEmpty() ? Stream.of(this)
				: instances.stream().map((id) -> new WaitFor(this.kind, id, this.kind.prefix() + "/" + id, this.key));
	}

	/**
	 * What an element may be, for messages.
	 */
	static String rule() {
		return "must name what to wait for as " + Arrays.stream(Kind.values())
			.filter((kind) -> kind != Kind.DEPENDS_ON)
			.map((kind) -> kind.example)
			.collect(Collectors.joining(", "));
	}

	/**
	 * Whether it is another endpoint.
	 */
	boolean isEndpoint() {
		return this.kind == Kind.ENDPOINT || isDependency();
	}

	/**
	 * Whether it is another endpoint that has to serve once, and to be closed later.
	 */
	boolean isDependency() {
		return this.kind == Kind.DEPENDS_ON;
	}

	/**
	 * Whether no property names it.
	 */
	boolean isAnnotated() {
		return this.key.equals(ANNOTATION);
	}

	/**
	 * How the property would name another one of this kind.
	 */
	String spell(String name) {
		return isDependency() ? name : this.kind.prefix() + "/" + name;
	}

	/** What an endpoint may wait for. */
	enum Kind {

		/** A contributor of the application's health. */
		HEALTH("health/db"),

		/** A port that accepts connections. */
		TCP("tcp/localhost:5432"),

		/** Another endpoint that serves. */
		ENDPOINT("endpoint/cache"),

		/** A bean. */
		GATE("gate/licence"),

		/** Another endpoint that has served. */
		DEPENDS_ON("cache");

		private final String example;

		Kind(String example) {
			this.example = example;
		}

		String prefix() {
			return name().toLowerCase(Locale.ROOT).replace('_', '-');
		}

	}

}
