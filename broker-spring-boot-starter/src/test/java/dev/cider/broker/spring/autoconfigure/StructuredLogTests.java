package dev.cider.broker.spring.autoconfigure;

import java.io.File;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the log of an application in a process of its own says about its endpoints, in
 * each structured format of Spring Boot and in its default format.
 */
@Timeout(value = ApplicationProcess.TEST_MINUTES, unit = TimeUnit.MINUTES)
class StructuredLogTests {

	private static final String CRASHED = "tcp: crashed in phase SERVE, incarnation 1: java.lang.IllegalStateException: boom; ";

	private static final String DROPPED = "tcp: dropped in phase SERVE, incarnation ";

	private static final JsonMapper json = new JsonMapper();

	@RegisterExtension
	private final ApplicationProcess application = new ApplicationProcess();

	@TempDir
	private Path classes;

	/**
	 * Runs an application whose endpoint crashes until the drop ends the application. Its
	 * close timeout is one that the starter warns of.
	 * @return what it printed
	 */
	private String run(String... arguments) throws Exception {
		List<String> all = new ArrayList<>(
				List.of("--crash=tcp", "--spring.main.web-application-type=none", "--broker.on-drop=shutdown",
						"--broker.restart.delay=0s", "--broker.restart.jitter=0s", "--broker.close-timeout=31s"));
		all.addAll(List.of(arguments));
		this.application.start(List.of(), classPath(), ShutdownApplication.class, all.toArray(String[]::new));
		assertThat(this.application.awaitEnd()).isEqualTo(1);
		return this.application.output();
	}

	/** Without the logging configuration of these tests: Boot's own is to be seen. */
	private String classPath() throws Exception {
		Path tests = Path.of(getClass().getProtectionDomain().getCodeSource().getLocation().toURI());
		String folder = getClass().getPackageName().replace('.', '/');
		Files.createDirectories(this.classes.resolve(folder));
		try (DirectoryStream<Path> copied = Files.newDirectoryStream(tests.resolve(folder), "ShutdownApplication*")) {
			for (Path file : copied) {
				Files.copy(file, this.classes.resolve(folder).resolve(file.getFileName()));
			}
		}
		return Stream
			.concat(Stream.of(this.classes.toString()),
					Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
						.filter((entry) -> !Path.of(entry).equals(tests)))
			.collect(Collectors.joining(File.pathSeparator));
	}

	@ParameterizedTest
	@CsvSource({ "ecs, /message, /broker/%s", "logstash, /message, /broker.%s", "gelf, /short_message, /_broker.%s" })
	void theJsonOfACrashHasItsEndpointIncarnationPhaseAndDecision(String format, String message, String field)
			throws Exception {
		List<JsonNode> lines = lines(run("--logging.structured.format.console=" + format));
		JsonNode crash = only(lines, (line) -> text(line, message).startsWith(CRASHED));
		assertThat(text(crash, field.formatted("endpoint"))).isEqualTo("tcp");
		assertThat(crash.at(field.formatted("incarnation")).isNumber()).as("incarnation is a number").isTrue();
		assertThat(crash.at(field.formatted("incarnation")).asLong()).isEqualTo(1);
		assertThat(text(crash, field.formatted("phase"))).isEqualTo("SERVE");
		assertThat(CRASHED + text(crash, field.formatted("decision"))).isEqualTo(text(crash, message));
		JsonNode drop = only(lines, (line) -> text(line, message).startsWith(DROPPED));
		assertThat(text(drop, message)).startsWith(DROPPED + text(drop, field.formatted("incarnation")) + ": ")
			.contains("; " + text(drop, field.formatted("decision")));
		JsonNode exit = only(lines, (line) -> text(line, message).startsWith("tcp: dropped, so the application ends"));
		assertThat(exit.at(field.formatted("incarnation"))).isEqualTo(drop.at(field.formatted("incarnation")));
	}

	@ParameterizedTest
	@CsvSource({ "ecs, /message, /broker/%s", "logstash, /message, /broker.%s", "gelf, /short_message, /_broker.%s" })
	void everyLineAboutAnEndpointHasItsIdAsAField(String format, String message, String field) throws Exception {
		List<JsonNode> about = lines(run("--logging.structured.format.console=" + format)).stream()
			.filter((line) -> text(line, message).matches("(tcp|udp): .*"))
			.toList();
		assertThat(about).extracting((line) -> text(line, message))
			.anyMatch((text) -> text.startsWith("udp: the close timeout PT31S"))
			.contains("udp: STARTING (incarnation 1)", "udp: STOPPED (incarnation 1)");
		assertThat(about).allSatisfy(
				(line) -> assertThat(text(line, message)).startsWith(text(line, field.formatted("endpoint")) + ": "));
	}

	@Test
	void bootsDefaultFormatPrintsTheTextOnly() throws Exception {
		String output = run();
		assertThat(output).contains(" : " + CRASHED)
			.contains(" : " + DROPPED)
			.doesNotContain("broker.endpoint")
			.doesNotContain("broker.incarnation")
			.doesNotContain("broker.phase")
			.doesNotContain("broker.decision");
	}

	private static List<JsonNode> lines(String output) {
		List<JsonNode> lines = output.lines().filter((line) -> line.startsWith("{")).map(json::readTree).toList();
		assertThat(lines).as(output).isNotEmpty();
		return lines;
	}

	private static JsonNode only(List<JsonNode> lines, Predicate<JsonNode> wanted) {
		List<JsonNode> found = lines.stream().filter(wanted).toList();
		assertThat(found).hasSize(1);
		return found.get(0);
	}

	/** Fails if there is none. */
	private static String text(JsonNode line, String pointer) {
		JsonNode value = line.at(pointer);
		assertThat(value.isMissingNode()).as("no " + pointer + " in " + line).isFalse();
		return value.asString();
	}

}
