package dev.cider.broker;

import java.time.Duration;
import java.util.Map;

import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Options as a value that can be copied and changed.
 */
class EndpointOptionsTests {

	/** Each value differs from its default. */
	private static final RestartPolicy POLICY = new RestartPolicy(RestartMode.ALWAYS, 7, Duration.ofSeconds(2),
			Backoff.none(), LinkageError.class::isInstance, Duration.ofMinutes(1));

	private static final EndpointOptions OPTIONS = new EndpointOptions(POLICY, Duration.ofSeconds(3), true,
			Duration.ofSeconds(4), Duration.ofSeconds(5), false, false, true, Map.of("db", () -> "DOWN"),
			new InstanceNumber(2, 4));

	@Test
	void aBuilderMadeOfOptionsBuildsTheSameOptions() {
		assertThat(OPTIONS.toBuilder().build()).isEqualTo(OPTIONS);
		assertThat(EndpointOptions.defaults().toBuilder().build()).isEqualTo(EndpointOptions.defaults());
	}

	@Test
	void aBuilderMadeOfAPolicyBuildsTheSamePolicy() {
		assertThat(POLICY.toBuilder().build()).isEqualTo(POLICY);
	}

}
