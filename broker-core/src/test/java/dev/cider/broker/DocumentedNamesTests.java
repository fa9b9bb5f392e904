package dev.cider.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the guides for contributors name can be found: a rename that forgets them fails.
 */
class DocumentedNamesTests {

	/** Two words at least: a name of one cannot be told from the prose around it. */
	private static final Pattern CLASS_NAME = Pattern.compile("\\b(?:[A-Z][a-z]+){2,}\\b");

	private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");

	/** Records in {@link Signal}. */
	private static final Set<String> NESTED = Set.of("TimerFired");

	private static final Set<String> OF_OTHERS = Set.of("ErrorWindowSize", "NumAllowedConsecutiveErrors",
			"DefaultBroker", "ListenAndServe", "ErrInvalidState", "ErrTerminated", "FactoryId",
			"RegisterEndpointFactory", "CompletableFuture", "ThreadFactory", "FailureAnalyzer");

	@Test
	void theTestGuideNamesClassesThatExist() throws IOException {
		String guide = Files.readString(Path.of("src/test/java/dev/cider/broker/package-info.java"));
		assertExist(CLASS_NAME.matcher(guide.substring(0, guide.indexOf("@NullMarked")))
			.results()
			.map((match) -> match.group()));
	}

	@Test
	void theContributingGuideNamesClassesThatExist() throws IOException {
		assertExist(CODE.matcher(Files.readString(Path.of("../CONTRIBUTING.md")))
			.results()
			.flatMap((code) -> CLASS_NAME.matcher(code.group(1)).results())
			.map((match) -> match.group()));
	}

	private static void assertExist(Stream<String> names) throws IOException {
		Set<String> existing;
		try (Stream<Path> files = Files.walk(Path.of(".."))) {
			existing = files.map((file) -> file.getFileName().toString())
				.filter((name) -> name.endsWith(".java"))
				.map((name) -> name.substring(0, name.length() - ".java".length()))
				.collect(Collectors.toSet());
		}
		Set<String> named = names.filter((name) -> !OF_OTHERS.contains(name) && !NESTED.contains(name))
			.collect(Collectors.toSet());
		assertThat(named).hasSizeGreaterThan(15);
		assertThat(existing).containsAll(named);
	}

}
