package dev.cider.broker.spring.autoconfigure;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringApplicationAotProcessor;
import org.springframework.context.aot.AbstractAotProcessor.Settings;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application does the same whether it was processed ahead of time or not, although
 * its bean definitions tell less then.
 */
@Timeout(value = ApplicationProcess.TEST_MINUTES, unit = TimeUnit.MINUTES)
class AheadOfTimeTests {

	private static final String CLASS_PATH = System.getProperty("java.class.path");

	@TempDir
	private Path directory;

	@RegisterExtension
	private final ApplicationProcess application = new ApplicationProcess();

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void everyFormOfEndpointIsServedAndWhatItNeedsStartsBeforeAndStopsAfterIt(boolean ahead) throws Exception {
		List<String> lines = run(ahead);
		assertThat(lines.toString().contains("Starting AOT-processed")).isEqualTo(ahead);
		assertThat(lines).contains("# contextual 1", "# byMethod 1", "# byConstructor 1", "# byConstructor 2",
				"# withMethod 1");
		for (String form : List.of("factory", "prototype", "arguments")) {
			assertThat(lines).filteredOn((line) -> line.matches("# (needed by )?" + form + " .*"))
				.containsExactly("# needed by " + form + " started", "# " + form + " made", "# " + form + " closed",
						"# needed by " + form + " stopped");
		}
	}

	private List<String> run(boolean ahead) throws Exception {
		Path classes = Files.createDirectory(this.directory.resolve("classes"));
		if (ahead) {
			process(classes);
		}
		this.application.start(List.of("-Dspring.aot.enabled=" + ahead), classes + File.pathSeparator + CLASS_PATH,
				AheadOfTimeApplication.class, "--spring.main.web-application-type=none",
				"--logging.level.org.springframework.boot.SpringApplication=INFO",
				"--logging.level." + AheadOfTimeApplication.class.getName() + "=INFO");
		assertThat(this.application.awaitEnd()).isZero();
		return this.application.output().lines().toList();
	}

	/** As the build of an application does it. */
	private void process(Path classes) throws IOException {
		Path sources = this.directory.resolve("sources");
		Settings settings = Settings.builder()
			.sourceOutput(sources)
			.resourceOutput(this.directory.resolve("resources"))
			.classOutput(classes)
			.groupId("app")
			.artifactId("app")
			.build();
		new SpringApplicationAotProcessor(AheadOfTimeApplication.class, settings,
				new String[] { "--spring.main.web-application-type=none" })
			.process();
		JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
		try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
				Stream<Path> generated = Files.walk(sources)) {
			List<Path> sourceFiles = generated.filter((file) -> file.toString().endsWith(".java")).toList();
			assertThat(compiler
				.getTask(null, files, null,
						List.of("-proc:none", "-nowarn", "-cp", CLASS_PATH, "-d", classes.toString()), null,
						files.getJavaFileObjectsFromPaths(sourceFiles))
				.call()).isTrue();
		}
	}

}
