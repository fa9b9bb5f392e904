package dev.cider.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is cited as a promise is listed as one, and what is listed is tested.
 */
class PromisesTests {

	private static final Path ROOT = Path.of("..");

	private static final Path TESTS = Path.of("src", "test", "java");

	/** In words, in a claim of an oracle, or as the beginning of a test's name. */
	private static final Pattern CITED = Pattern.compile("\\bG(\\d{1,2})\\b|\\bvoid g(\\d{1,2})(?=[A-Z])");

	private static final Pattern LISTED = Pattern.compile("(?m)^\\*\\*G(\\d+) ");

	private static List<Integer> listed() {
		return LISTED.matcher(read(Path.of("PROMISES.md")))
			.results()
			.map((match) -> Integer.valueOf(match.group(1)))
			.toList();
	}

	private static Set<Integer> citedIn(String text) {
		return CITED.matcher(text)
			.results()
			.map((match) -> Integer.valueOf((match.group(1) != null) ? match.group(1) : match.group(2)))
			.collect(Collectors.toCollection(TreeSet::new));
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static List<Path> sources(Path root) throws IOException {
		try (Stream<Path> files = Files.walk(root)) {
			return files
				.filter((file) -> file.toString().matches(".*\\.(java|md)") && !file.toString().contains("target"))
				.toList();
		}
	}

	@Test
	void theyAreNumberedOnceAndInOrder() {
		assertThat(listed()).isEqualTo(IntStream.rangeClosed(1, listed().size()).boxed().toList());
	}

	@Test
	void whatIsCitedIsListed() throws IOException {
		Set<Integer> listed = Set.copyOf(listed());
		for (String module : List.of("broker-core", "broker-spring-boot-starter", "broker-sample-app")) {
			assertThat(sources(ROOT.resolve(module)))
				.allSatisfy((file) -> assertThat(listed).containsAll(citedIn(read(file))));
		}
		assertThat(listed).containsAll(citedIn(read(ROOT.resolve("CONTRIBUTING.md"))));
	}

	@Test
	void whatIsListedIsNamedByATest() throws IOException {
		Set<Integer> named = sources(TESTS).stream()
			.flatMap((file) -> citedIn(read(file)).stream())
			.collect(Collectors.toCollection(TreeSet::new));
		assertThat(named).containsAll(listed());
	}

}
