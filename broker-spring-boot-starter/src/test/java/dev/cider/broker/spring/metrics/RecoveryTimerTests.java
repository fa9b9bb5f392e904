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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What counts as a recovery, whatever the wall clock does.
 */
class RecoveryTimerTests {

	/** Just before it overflows, as it may. */
	private static final long CRASHED = Long.MAX_VALUE - 1;

	private static final long SECOND = 1_000_000_000;

	private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

	private final RecoveryTimer recovery = new RecoveryTimer(Broker.create());

	private Instant wallClock = Instant.parse("2026-11-23T03:00:00Z");

	private EndpointSnapshot shown = snapshot(EndpointState.SERVING, CRASHED - 60 * SECOND, 0);

	private EndpointSnapshot snapshot(EndpointState state, long sinceNanos, long crashes) {
		CrashSummary crash = (crashes == 0) ? null : new CrashSummary("tcp", false, "boom", null, crashes,
				CrashPhase.SERVE, this.wallClock, Duration.ZERO, 1, "restart at once");
		return new EndpointSnapshot("tcp", state, this.wallClock, 1 + crashes, 1 + crashes, crashes, crashes, 0, 0, 0,
				null, crash, null, sinceNanos);
	}

	private void becomes(EndpointState state, long sinceNanos, long crashes) {
		EndpointSnapshot before = this.shown;
		this.shown = snapshot(state, sinceNanos, crashes);
		this.recovery.changed(new EndpointChange(before, this.shown));
	}

	private Timer timer() {
		return this.registry.get("broker.endpoint.recovery").tag("endpoint", "tcp").timer();
	}

	@Test
	void aRecoveryLastsFromTheCrashUntilTheEndpointServes() {
		this.recovery.bindTo(this.registry);
		becomes(EndpointState.CLOSING, CRASHED, 1);
		becomes(EndpointState.SERVING, CRASHED + 3 * SECOND, 1);
		assertThat(timer().count()).isEqualTo(1);
		assertThat(timer().totalTime(TimeUnit.SECONDS)).isEqualTo(3);
	}

	@ParameterizedTest
	@ValueSource(longs = { 3600, -3600 })
	void aRecoveryIsMeasuredRightlyWhenTheWallClockJumps(long seconds) {
		this.recovery.bindTo(this.registry);
		becomes(EndpointState.CLOSING, CRASHED, 1);
		this.wallClock = this.wallClock.plusSeconds(seconds);
		becomes(EndpointState.SERVING, CRASHED + 3 * SECOND, 1);
		assertThat(timer().count()).isEqualTo(1);
		assertThat(timer().totalTime(TimeUnit.SECONDS)).isEqualTo(3);
	}

	@Test
	void aRecoveryFromSeveralCrashesLastsFromTheFirst() {
		this.recovery.bindTo(this.registry);
		becomes(EndpointState.CLOSING, CRASHED, 1);
		becomes(EndpointState.CLOSING, CRASHED + SECOND, 2);
		becomes(EndpointState.SERVING, CRASHED + 4 * SECOND, 2);
		assertThat(timer().count()).isEqualTo(1);
		assertThat(timer().totalTime(TimeUnit.SECONDS)).isEqualTo(4);
	}

	/** It may finish before it is ready, after a crash. */
	@Test
	void aStartByAnOperatorAfterAFinishIsNoRecovery() {
		this.recovery.bindTo(this.registry);
		becomes(EndpointState.CLOSING, CRASHED, 1);
		becomes(EndpointState.STARTING, CRASHED + SECOND, 1);
		becomes(EndpointState.CLOSING, CRASHED + 2 * SECOND, 1);
		becomes(EndpointState.FINISHED, CRASHED + 3 * SECOND, 1);
		becomes(EndpointState.STARTING, CRASHED + 3600 * SECOND, 1);
		becomes(EndpointState.SERVING, CRASHED + 3601 * SECOND, 1);
		assertThat(this.registry.find("broker.endpoint.recovery").timers()).as("recoveries").isEmpty();
	}

}
