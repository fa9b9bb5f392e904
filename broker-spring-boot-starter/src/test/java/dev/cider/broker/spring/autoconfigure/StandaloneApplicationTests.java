package dev.cider.broker.spring.autoconfigure;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.cider.broker.spring.ScriptedFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application whose only work is supervised, in a process of its own.
 */
class StandaloneApplicationTests {

	private static final String VIRTUAL = "--spring.threads.virtual.enabled=";

	@TempDir
	private Path directory;

	private Process process;

	@AfterEach
	void stop() {
		this.process.destroyForcibly();
	}

	@ParameterizedTest
	@ValueSource(strings = { "false", "true" })
	void staysUpWhenMainHasReturnedAndEndsInOrderWhenTold(String virtual) throws Exception {
		run(VIRTUAL + virtual);
		ScriptedFactory.await(() -> output().contains("# served again"));
		this.process.destroy();
		assertThat(end()).isEqualTo(143);
		assertEndedInOrder();
	}

	@Test
	void endsByItselfWhenItsContextIsClosed() throws Exception {
		run("--closes=yes");
		assertThat(end()).isZero();
		assertEndedInOrder();
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void itsEndpointRunsOnAVirtualThreadWhereAskedFor() throws Exception {
		run(VIRTUAL + "true", "--closes=yes");
		assertThat(end()).isZero();
		assertThat(output()).contains("# served again on VirtualThread");
	}

	private void run(String... arguments) throws IOException {
		List<String> command = new ArrayList<>(
				List.of(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java", "-cp",
						System.getProperty("java.class.path"), StandaloneApplication.class.getName(),
						"--spring.main.web-application-type=none", "--broker.restart.delay=1ms"));
		command.addAll(List.of(arguments));
		this.process = new ProcessBuilder(command).redirectErrorStream(true)
			.redirectOutput(this.directory.resolve("output").toFile())
			.start();
	}

	private void assertEndedInOrder() throws IOException {
		assertThat(output().lines().filter((line) -> !line.contains("served again")).toList())
			.containsExactlyInAnyOrder("# closed 1", "# closed 2", "# ended", "# terminated")
			.startsWith("# closed 1")
			.endsWith("# terminated");
	}

	private int end() throws IOException, InterruptedException {
		assertThat(this.process.waitFor(60, TimeUnit.SECONDS)).as("ended; it printed " + output()).isTrue();
		return this.process.exitValue();
	}

	private String output() throws IOException {
		return Files.readString(this.directory.resolve("output"));
	}

}
