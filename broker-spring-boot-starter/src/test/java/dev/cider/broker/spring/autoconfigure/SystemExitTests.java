package dev.cider.broker.spring.autoconfigure;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How the application ends when an endpoint is given up, in a process of its own.
 */
@Timeout(value = ApplicationProcess.TEST_MINUTES, unit = TimeUnit.MINUTES)
class SystemExitTests {

	private static final String ENDING = "dropped, so the application ends";

	@RegisterExtension
	private final ApplicationProcess application = new ApplicationProcess();

	/**
	 * Runs the application until it ends.
	 * @return what it printed
	 */
	private String run(String... arguments) throws IOException, InterruptedException {
		List<String> all = new ArrayList<>(
				List.of("--broker.restart.mode=never", "--server.address=127.0.0.1", "--server.port=0"));
		all.addAll(List.of(arguments));
		this.application.start(ShutdownApplication.class, all.toArray(String[]::new));
		assertThat(this.application.awaitEnd()).isEqualTo(1);
		return this.application.output();
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
