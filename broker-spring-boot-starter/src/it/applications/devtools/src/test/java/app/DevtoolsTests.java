package app;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

import javax.tools.ToolProvider;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The devtools restart the context in the same JVM when a class has changed.
 */
class DevtoolsTests {

	private static final Path CLASSES = Path.of("target", "classes").toAbsolutePath();

	@TempDir
	private Path directory;

	@Test
	void aChangedClassEndsTheOldEndpointsAndServesTheNewOnes() throws Exception {
		Path classes = copy(CLASSES, this.directory.resolve("classes"));
		String libraries = System.getProperty("java.class.path").replace(CLASSES.toString(), "");
		String classPath = classes + File.pathSeparator + libraries;
		try (Program application = Program.start(classPath, Development.class,
				"--spring.devtools.restart.poll-interval=300ms", "--spring.devtools.restart.quiet-period=200ms",
				"--spring.devtools.livereload.enabled=false")) {
			application.awaitOutput("# first serves");
			changeServer(classes, classPath);
			application.awaitOutput("# second serves");
			application.terminate();
			application.awaitEnd(143);
			assertThat(application.told()).containsSubsequence("first serves, loaded by RestartClassLoader",
					"first closed", "second serves, loaded by RestartClassLoader", "second closed");
			assertThat(application.told()).containsSubsequence("server SERVING 1", "server STOPPED 1",
					"server SERVING 1", "server STOPPED 1");
			assertThat(application.output()).doesNotContain("crashed", "abandoned");
		}
	}

	/** As an editor does it. */
	private void changeServer(Path classes, String classPath) throws IOException {
		Path source = this.directory.resolve("Server.java");
		Files.writeString(source,
				Files.readString(Path.of("src", "main", "java", "app", "Server.java")).replace("\"first\"", "\"second\""));
		assertThat(ToolProvider.getSystemJavaCompiler()
			.run(null, null, null, "-proc:none", "-cp", classPath, "-d", classes.toString(), source.toString())).isZero();
	}

	private static Path copy(Path from, Path to) throws IOException {
		try (Stream<Path> files = Files.walk(from)) {
			for (Path file : (Iterable<Path>) files::iterator) {
				Files.copy(file, to.resolve(from.relativize(file).toString()), StandardCopyOption.REPLACE_EXISTING);
			}
		}
		return to;
	}

}
