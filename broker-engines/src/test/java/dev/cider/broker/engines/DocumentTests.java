package dev.cider.broker.engines;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The README shows what is tested here, and counts it right.
 */
class DocumentTests {

	private static final Path SOURCES = Path.of("src/test/java/dev/cider/broker/engines");

	private static List<String> code(String text) {
		return text.lines().map(String::strip).filter((line) -> !line.isEmpty()).toList();
	}

	private static List<Path> sources() {
		try (Stream<Path> files = Files.list(SOURCES)) {
			return files.sorted().toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** The cells of each row below the heading. */
	private static List<String[]> table(String heading) {
		return Pattern.compile("\\| " + heading + " \\|.*\n\\|[-|:]+\n((\\|.*\n)+)")
			.matcher(Document.text())
			.results()
			.flatMap((table) -> table.group(1).lines())
			.map((row) -> row.substring(1).split("\\|"))
			.toList();
	}

	@Test
	void everySnippetIsCodeThatIsTestedHere() {
		List<String> sources = sources().stream().map((file) -> String.join("\n", code(read(file)))).toList();
		assertThat(Document.blocks("java")).hasSize(table("engine").size())
			.allSatisfy((snippet) -> assertThat(sources)
				.anySatisfy((source) -> assertThat(source).contains(String.join("\n", code(snippet)))));
	}

	@Test
	void theLinesAreThoseOfTheSnippets() {
		List<Integer> lines = Document.blocks("java").stream().map((snippet) -> code(snippet).size()).toList();
		assertThat(table("engine")).extracting((row) -> Integer.valueOf(row[2].strip())).isEqualTo(lines);
	}

	@Test
	void theFailuresAreThoseThatAreTested() {
		List<String> tested = sources().stream()
			.flatMap((file) -> Pattern.compile("tellRecovery\\(\"(.*)\"\\)").matcher(read(file)).results())
			.map((match) -> match.group(1))
			.toList();
		assertThat(table("what failed")).extracting((row) -> row[0].strip())
			.containsExactlyInAnyOrderElementsOf(tested);
	}

	@Test
	void everyLinkLeadsToAFile() {
		assertThat(Pattern.compile("]\\(([^):#]+)(#[^)]*)?\\)").matcher(Document.text()).results())
			.extracting((match) -> Document.FILE.resolveSibling(match.group(1)))
			.allSatisfy((target) -> assertThat(target).exists());
	}

}
