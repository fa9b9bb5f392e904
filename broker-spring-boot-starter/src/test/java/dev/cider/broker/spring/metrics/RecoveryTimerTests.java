package dev.cider.broker.spring.metrics;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

import dev.cider.broker.Broker;
import dev.cider.broker.CrashPhase;
import dev.cider.broker.CrashSummary;
import dev.cider.broker.EndpointChange;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What counts as a recovery, whatever the wall clock does.
 */
class RecoveryTimerTests {

	private static final Instant CRASHED = Instant.parse("2026-11-23T03:00:00Z");

	private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

	private final RecoveryTimer recovery = new RecoveryTimer(Broker.create());

	private EndpointSnapshot shown = snapshot(EndpointState.SERVING, CRASHED.minusSeconds(60), 0);

	private static EndpointSnapshot snapshot(EndpointState state, Instant since, long crashes) {
		CrashSummary crash = (crashes == 0) ? null : new CrashSummary("tcp", false, "boom", null, crashes,
				CrashPhase.SERVE, CRASHED, Duration.ZERO, 1, "restart at once");
		return new EndpointSnapshot("tcp", state, since, 1 + crashes, 1 + crashes, crashes, crashes, 0, 0, 0, null,
				crash, null);
	}

	private void becomes(EndpointState state, Instant since, long crashes) {
		EndpointSnapshot before = this.shown;
		this.shown = snapshot(state, since, crashes);
		this.recovery.changed(new EndpointChange(before, this.shown));
	}

	private Timer timer() {
		return this.registry.get("broker.endpoint.recovery").tag("endpoint", "tcp").timer();
	}

	@Test
	void aRecoveryLastsFromTheCrashUntilTheEndpointServes() {
		this.recovery.bindTo(this.registry);
		becomes(EndpointState.CLOSING, CRASHED, 1);
		becomes(EndpointState.SERVING, CRASHED.plusSeconds(3), 1);
		assertThat(timer().count()).isEqualTo(1);
		assertThat(timer().totalTime(TimeUnit.SECONDS)).isEqualTo(3);
	}

	@Test
	void aRecoveryCountsThoughTheWallClockWasSetBackMeanwhile() {
		this.recovery.bindTo(this.registry);
		becomes(EndpointState.CLOSING, CRASHED, 1);
		becomes(EndpointState.SERVING, CRASHED.minusSeconds(3), 1);
		assertThat(timer().count()).isEqualTo(1);
		assertThat(timer().totalTime(TimeUnit.SECONDS)).isZero();
	}

}
