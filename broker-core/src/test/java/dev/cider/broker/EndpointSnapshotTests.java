package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;

import dev.cider.broker.restart.RestartDecision;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class EndpointSnapshotTests {

	private static final Instant LATER = Instant.EPOCH.plusSeconds(5);

	@Test
	void aRegisteredEndpointHasCountedNothing() {
		assertThat(EndpointSnapshot.registered("tcp", LATER, 7)).isEqualTo(new EndpointSnapshot("tcp",
				EndpointState.REGISTERED, LATER, 0, 0, 0, 0, 0, 0, 0, null, null, null, null, 7));
	}

	@Test
	void aStopKeepsWhatWasCountedAndNoStartIsDue() {
		CrashSummary crash = new CrashSummary("tcp", false, "java.io.IOException", "boom", 4, CrashPhase.SERVE,
				Instant.EPOCH, Duration.ofSeconds(1), 2, "error 2 of 3");
		RestartDecision decision = new RestartDecision.Restart(Duration.ofSeconds(9), 2, "error 2 of 3");
		EndpointSnapshot backoff = new EndpointSnapshot("tcp", EndpointState.BACKOFF, Instant.EPOCH, 4, 4, 3, 2, 1, 2,
				5, LATER, crash, decision, "its turn", 1);
		EndpointSnapshot stopped = new EndpointSnapshot("tcp", EndpointState.STOPPED, LATER, 4, 4, 3, 2, 1, 2, 5, null,
				crash, decision, null, 7);
		assertThat(backoff.stopped(LATER, 7)).isEqualTo(stopped);
		assertThat(stopped.stopped(LATER.plusSeconds(1), 8)).isSameAs(stopped);
	}

}
