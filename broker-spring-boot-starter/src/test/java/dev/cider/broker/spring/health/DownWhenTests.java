package dev.cider.broker.spring.health;

import java.time.Duration;
import java.time.Instant;

import dev.cider.broker.CrashPhase;
import dev.cider.broker.CrashSummary;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which states are a fault.
 */
class DownWhenTests {

	private static EndpointSnapshot endpoint(EndpointState state, long crashed) {
		@Nullable CrashSummary crash = (crashed > 0) ? new CrashSummary("tcp", false, "java.io.IOException", "boom", crashed,
				CrashPhase.SERVE, Instant.EPOCH, Duration.ZERO, 1, "restart") : null;
		return new EndpointSnapshot("tcp", state, Instant.EPOCH, 2, 2, 1, crashed, 0, 0, 0, null, crash, null);
	}

	@ParameterizedTest
	@EnumSource
	void ofAllStatesOnlyTheDroppedOneIsAFault(EndpointState state) {
		assertThat(DownWhen.DROPPED.isDown(endpoint(state, 2), true)).isEqualTo(state == EndpointState.DROPPED);
	}

	@ParameterizedTest
	@CsvSource({ "REGISTERED, true, true", "REGISTERED, false, false", "STARTING, true, true", "STARTING, false, true",
			"SERVING, true, false", "BACKOFF, true, true", "WAITING, true, true", "FINISHED, true, false",
			"DROPPED, true, true", "STOPPED, true, false" })
	void anEndpointThatDoesNotServeIsAFaultUnlessItFinishedOrWasStoppedOrWaitsForAnOperator(EndpointState state,
			boolean autoStart, boolean down) {
		assertThat(DownWhen.NOT_SERVING.isDown(endpoint(state, 1), autoStart)).isEqualTo(down);
	}

	@ParameterizedTest
	@CsvSource({ "0, false", "1, false", "2, true" })
	void aCloseIsAFaultOnlyAfterACrashOfTheSameIncarnation(long crashed, boolean down) {
		assertThat(DownWhen.NOT_SERVING.isDown(endpoint(EndpointState.CLOSING, crashed), true)).isEqualTo(down);
	}

}
