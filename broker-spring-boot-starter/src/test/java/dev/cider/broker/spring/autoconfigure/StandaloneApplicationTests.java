package dev.cider.broker.spring.autoconfigure;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application whose only work is supervised, in a process of its own.
 */
@Timeout(value = ApplicationProcess.TEST_MINUTES, unit = TimeUnit.MINUTES)
class StandaloneApplicationTests {

	private static final String VIRTUAL = "--spring.threads.virtual.enabled=";

	@RegisterExtension
	private final ApplicationProcess application = new ApplicationProcess();

	@ParameterizedTest
	@ValueSource(strings = { "false", "true" })
	void staysUpWhenMainHasReturnedAndEndsInOrderWhenTold(String virtual) throws Exception {
		run(VIRTUAL + virtual);
		this.application.await(() -> this.application.output().contains("# served again"));
		this.application.terminate();
		assertThat(this.application.awaitEnd()).isEqualTo(143);
		assertEndedInOrder();
	}

	@Test
	void endsByItselfWhenItsContextIsClosed() throws Exception {
		run("--closes=yes");
		assertThat(this.application.awaitEnd()).isZero();
		assertEndedInOrder();
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void itsEndpointRunsOnAVirtualThreadWhereAskedFor() throws Exception {
		run(VIRTUAL + "true", "--closes=yes");
		assertThat(this.application.awaitEnd()).isZero();
		assertThat(this.application.output()).contains("# served again on VirtualThread");
	}

	private void run(String... arguments) throws IOException {
		List<String> all = new ArrayList<>(
				List.of("--spring.main.web-application-type=none", "--broker.restart.delay=1ms"));
		all.addAll(List.of(arguments));
		this.application.start(StandaloneApplication.class, all.toArray(String[]::new));
	}

	private void assertEndedInOrder() {
		assertThat(this.application.output().lines().filter((line) -> !line.contains("served again")).toList())
			.containsExactlyInAnyOrder("# closed 1", "# closed 2", "# ended", "# terminated")
			.startsWith("# closed 1")
			.endsWith("# terminated");
	}

}
