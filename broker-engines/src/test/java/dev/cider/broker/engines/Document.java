package dev.cider.broker.engines;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What the README of this module shows.
 */
final class Document {

	static final Path FILE = Path.of("README.md");

	private Document() {
	}

	static String text() {
		try {
			return Files.readString(FILE);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	static List<String> blocks(String language) {
		return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
			.matcher(text())
			.results()
			.map((match) -> match.group(1))
			.toList();
	}

	/**
	 * Those for all endpoints, and those for one.
	 */
	static String[] properties(String id) {
		return blocks("properties").stream()
			.flatMap(String::lines)
			.filter((line) -> !line.startsWith("#"))
			.filter((line) -> !line.startsWith("broker.endpoints.") || line.startsWith("broker.endpoints." + id + "."))
			.toArray(String[]::new);
	}

}
