package dev.cider.broker.spring.autoconfigure;

import java.util.List;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A thread of an endpoint closes the application, which closes the endpoint. The broker
 * does not wait for the thread that waits for the broker, and all other beans stop in
 * order. A broker that waited would hang until the limit of the test.
 */
@Timeout(ApplicationProcess.TEST_MINUTES * 60)
class SelfClosingApplicationTests {

	@RegisterExtension
	private final ApplicationProcess application = new ApplicationProcess();

	@ParameterizedTest
	@ValueSource(strings = { "serve-context", "serve-join", "serve-stop", "serve-exit", "create-context", "create-join",
			"create-exit", "close-context", "close-join", "close-exit", "late-context", "late-join", "late-exit",
			"listener-context", "listener-exit" })
	void endsSoonAndInOrder(String mode) throws Exception {
		assertEndsSoonAndInOrder(mode, "false");
	}

	@ParameterizedTest
	@EnabledForJreRange(min = JRE.JAVA_21)
	@ValueSource(
			strings = { "serve-context", "serve-exit", "create-context", "create-exit", "close-context", "close-exit" })
	void endsSoonAndInOrderOnVirtualThreads(String mode) throws Exception {
		assertEndsSoonAndInOrder(mode, "true");
	}

	private void assertEndsSoonAndInOrder(String mode, String virtual) throws Exception {
		this.application.start(List.of("-Dmode=" + mode), System.getProperty("java.class.path"),
				SelfClosingApplication.class, "--spring.main.web-application-type=none",
				"--spring.threads.virtual.enabled=" + virtual, "--broker.restart.mode=never",
				"--broker.close-timeout=1h", "--spring.lifecycle.timeout-per-shutdown-phase=2h");
		int exitCode = this.application.awaitEnd();
		assertThat(exitCode).isEqualTo(mode.endsWith("-exit") ? 3 : 0);
		List<String> said = this.application.output().lines().filter((line) -> line.startsWith("# ")).toList();
		assertThat(said).containsSubsequence("# journal flushed", "# store destroyed")
			.doesNotContain("# the store was destroyed too early", "# interrupted while flushing")
			.noneMatch((line) -> line.endsWith("interrupted: true"));
		long closes = said.stream().filter("# loop closed"::equals).count();
		assertThat(closes).isEqualTo(mode.equals("create-exit") ? 0 : 1);
	}

}
