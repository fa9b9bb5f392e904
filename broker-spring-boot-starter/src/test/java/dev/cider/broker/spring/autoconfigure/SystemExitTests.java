package dev.cider.broker.spring.autoconfigure;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How the application ends when an endpoint is given up, in a process of its own.
 */
class SystemExitTests {

	private static final String ENDING = "dropped, so the application ends";

	@TempDir
	private Path directory;

	/**
	 * Runs the application until it ends.
	 * @return what it printed
	 */
	private String run(String... arguments) throws IOException, InterruptedException {
		Path output = this.directory.resolve("output");
		List<String> command = new ArrayList<>(
				List.of(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java", "-cp",
						System.getProperty("java.class.path"), VitalApplication.class.getName(),
						"--broker.restart.mode=never", "--server.address=127.0.0.1", "--server.port=0"));
		command.addAll(List.of(arguments));
		Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
		try {
			boolean ended = process.waitFor(60, TimeUnit.SECONDS);
			assertThat(ended).as("ended; it printed " + Files.readString(output)).isTrue();
			assertThat(process.exitValue()).as("exit code; it printed " + Files.readString(output)).isEqualTo(1);
			return Files.readString(output);
		}
		finally {
			process.destroyForcibly();
		}
	}

	private static List<String> told(String output) {
		return output.lines().filter((line) -> line.startsWith("# ")).map((line) -> line.substring(2)).toList();
	}

	@Test
	void aDropClosesEverythingInOrderAndEndsTheProcessWithCodeOne() throws Exception {
		String output = run("--crash=tcp", "--broker.endpoints.tcp.on-drop=shutdown");
		assertThat(output).containsOnlyOnce("tcp: " + ENDING);
		List<String> told = told(output);
		assertThat(told).containsSubsequence("started", "ready", "closed tcp", "destroyed")
			.containsSubsequence("ready", "stopped", "closed udp", "destroyed")
			.doesNotHaveDuplicates();
		assertThat(told).last().isEqualTo("destroyed");
	}

	@Test
	void aDropDuringTheStartLetsTheStartFinishFirst() throws Exception {
		String output = run("--crash=tcp", "--early=true", "--broker.on-drop=shutdown",
				"--spring.main.web-application-type=none");
		List<String> told = told(output);
		assertThat(told).doesNotContain("interrupted")
			.containsSubsequence("started", "stopped", "closed udp", "destroyed")
			.contains("closed tcp")
			.endsWith("destroyed");
	}

	@Test
	void twoDropsAtOnceEndTheApplicationOnce() throws Exception {
		String output = run("--crash=tcp,udp", "--broker.on-drop=shutdown", "--spring.main.web-application-type=none");
		assertThat(output).containsOnlyOnce(ENDING);
		assertThat(told(output)).contains("closed tcp", "closed udp").doesNotHaveDuplicates().endsWith("destroyed");
	}

}
