package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;

import dev.cider.broker.restart.RestartPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the machine waits for and how long exactly, and what it wants done when that time
 * is over: the delays of G16, the timeouts of G5, and G10.
 */
class MachineTimerTests {

	private static final Duration TIMEOUT = Duration.ofMillis(50);

	private static final Duration HALF = Duration.ofMillis(25);

	private static final EndpointOptions.Builder DEFAULTS = EndpointOptions.builder();

	private static EndpointOptions.Builder restartingAfter(Duration delay) {
		return EndpointOptions.builder().restartPolicy(PlayedMachine.policy(delay).build());
	}

	private static EndpointOptions.Builder startTimeout() {
		return EndpointOptions.builder().startTimeout(TIMEOUT);
	}

	private static EndpointOptions.Builder heartbeatTimeout() {
		return EndpointOptions.builder().heartbeatTimeout(TIMEOUT);
	}

	@Test
	void theStartTimeoutRunsFromTheLaunchUntilReady() {
		PlayedMachine machine = PlayedMachine.contextual(startTimeout()).begin();
		assertThat(machine.done()).containsExactly(new Action.Launch(1), new Action.Arm(1, TIMEOUT));
		machine.created(1);
		assertThat(machine.shown().state()).isEqualTo(EndpointState.STARTING);
		machine.tell(new Signal.Ready(1));
		assertThat(machine.done()).containsExactly(Action.DISARM);
		assertThat(machine.shown().state()).isEqualTo(EndpointState.SERVING);
	}

	@Test
	void readyBeforeTheFactoryReturnedCountsWhenItHas() {
		PlayedMachine machine = PlayedMachine.contextual(startTimeout()).begin().tell(new Signal.Ready(1));
		assertThat(machine.shown().state()).isEqualTo(EndpointState.STARTING);
		assertThat(machine.created(1).shown().state()).isEqualTo(EndpointState.SERVING);
	}

	@Test
	void nobodyWaitsForTheReadyOfOneThatCannotSayItOrHasNoTimeLimit() {
		assertThat(PlayedMachine.plain(startTimeout()).begin().created(1).shown().state())
			.isEqualTo(EndpointState.SERVING);
		assertThat(PlayedMachine.contextual(DEFAULTS).begin().created(1).shown().state())
			.isEqualTo(EndpointState.SERVING);
	}

	@Test
	void g5OneThatIsNotReadyInTimeIsLookedAtThenItHasCrashedAndIsClosed() {
		PlayedMachine machine = PlayedMachine.contextual(startTimeout()).begin().created(1).pass(TIMEOUT).fire();
		assertThat(machine.actions())
			.containsExactly(new Action.Inspect(1, 1, TIMEOUT.toNanos(), "not ready within the start timeout PT0.05S"));
		machine.timedOut();
		assertThat(machine.shown().lastCrash().phase()).isEqualTo(CrashPhase.START);
		assertThat(machine.shown().lastCrash().served()).isZero();
		assertThat(machine.done()).containsExactly(new Action.Arm(2, Duration.ofSeconds(20)), new Action.CloseAside(1));
	}

	@Test
	void theHeartbeatTimeoutRunsFromTheServing() {
		PlayedMachine machine = PlayedMachine.contextual(heartbeatTimeout()).begin().pass(TIMEOUT).created(1);
		assertThat(machine.done()).containsExactly(new Action.Serve(1), new Action.Arm(1, HALF));
	}

	@Test
	void aHeartbeatProlongsTheWaitToItsOwnTimeout() {
		PlayedMachine machine = PlayedMachine.contextual(heartbeatTimeout()).begin().created(1);
		machine.pass(HALF).fireHaving(Duration.ofMillis(20));
		assertThat(machine.actions()).containsExactly(new Action.Arm(2, HALF));
		machine.pass(HALF).fireHaving(Duration.ofMillis(20));
		assertThat(machine.actions()).containsExactly(new Action.Arm(3, Duration.ofMillis(20)));
	}

	@Test
	void aHeartbeatFromBeforeTheServingNeitherHelpsNorHarms() {
		PlayedMachine machine = PlayedMachine.contextual(heartbeatTimeout()).begin();
		machine.pass(Duration.ofMillis(100)).created(1);
		// A little early, as timers may be.
		machine.pass(Duration.ofMillis(40)).fireHaving(Duration.ofMillis(60));
		assertThat(machine.actions()).containsExactly(new Action.Arm(2, Duration.ofMillis(10)));
	}

	@Test
	void g5OneWithoutAHeartbeatInTimeIsLookedAtThenItHasCrashedAndIsClosed() {
		PlayedMachine machine = PlayedMachine.contextual(heartbeatTimeout()).begin().created(1);
		machine.pass(Duration.ofMillis(80)).fireHaving(Duration.ofMillis(30));
		assertThat(machine.actions()).containsExactly(new Action.Inspect(1, 1, Duration.ofMillis(80).toNanos(),
				"no heartbeat within the heartbeat timeout PT0.05S"));
		machine.timedOut();
		assertThat(machine.shown().lastCrash().phase()).isEqualTo(CrashPhase.HANG);
		assertThat(machine.shown().lastCrash().served()).isEqualTo(Duration.ofMillis(80));
		assertThat(machine.done()).containsExactly(new Action.Arm(2, Duration.ofSeconds(20)), new Action.CloseAside(1));
	}

	@Test
	void aTimerThatFiresAfterItsTimeIsOverMeansNothing() {
		PlayedMachine machine = PlayedMachine.contextual(startTimeout()).begin().created(1).tell(new Signal.Ready(1));
		EndpointMachine before = machine.machine();
		machine.fire();
		assertThat(machine.machine()).isSameAs(before);
		assertThat(machine.actions()).isEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "20000, 1000", "1001, 1000", "1000, 1000", "300, 300" })
	void g10AfterTheCloseTimeoutThreadsAreInterruptedAndGetAsLongAgainButASecondAtMost(long closeTimeout, long last) {
		PlayedMachine machine = PlayedMachine
			.plain(EndpointOptions.builder().closeTimeout(Duration.ofMillis(closeTimeout)))
			.begin()
			.created(1)
			.tell(new Signal.Stop());
		assertThat(machine.done()).containsExactly(new Action.Arm(1, Duration.ofMillis(closeTimeout)),
				new Action.CloseAside(1));
		machine.fire();
		assertThat(machine.actions()).containsExactly(new Action.Arm(2, Duration.ofMillis(last)),
				new Action.Interrupt(1));
		machine.fire();
		assertThat(machine.done()).isEmpty();
		assertThat(machine.shown().state()).isEqualTo(EndpointState.STOPPED);
		assertThat(machine.shown().abandoned()).isEqualTo(1);
	}

	@Test
	void g10OneInTheFactoryIsInterruptedAtOnceForThereIsNothingToClose() {
		PlayedMachine machine = PlayedMachine.plain(DEFAULTS).begin().tell(new Signal.Stop());
		assertThat(machine.done()).containsExactly(new Action.Arm(1, Duration.ofSeconds(20)), new Action.Interrupt(1));
	}

	@Test
	void theDelayRunsFromTheEndOfTheIncarnationAndTheNextStartIsShown() {
		Duration delay = Duration.ofMillis(400);
		PlayedMachine machine = PlayedMachine.plain(restartingAfter(delay)).begin().created(1).threw(1);
		assertThat(machine.shown().nextStart()).isNull();
		machine.pass(Duration.ofSeconds(3)).closed(1);
		assertThat(machine.done()).containsExactly(Action.DISARM, new Action.Arm(2, delay));
		assertThat(machine.shown().state()).isEqualTo(EndpointState.BACKOFF);
		assertThat(machine.shown().nextStart()).isEqualTo(PlayedMachine.at(Duration.ofMillis(3400)));
		machine.pass(delay).fire();
		assertThat(machine.done()).containsExactly(new Action.Launch(2));
		assertThat(machine.shown().nextStart()).isNull();
	}

	@Test
	void withoutADelayTheNextIncarnationIsLaunchedAtOnce() {
		PlayedMachine machine = PlayedMachine.plain(restartingAfter(Duration.ZERO)).begin().created(1).threw(1);
		machine.closed(1);
		assertThat(machine.done()).containsExactly(Action.DISARM, new Action.Launch(2));
		assertThat(machine.shown().restarts()).isEqualTo(1);
	}

	@Test
	void aDelayBeyondTheEndOfTimeIsShownAsTheEndOfTime() {
		Duration forEver = Duration.ofSeconds(Long.MAX_VALUE);
		PlayedMachine machine = PlayedMachine
			.plain(EndpointOptions.builder()
				.restartPolicy(RestartPolicy.builder().allowedConsecutiveErrors(1).reviveAfter(forEver).build()))
			.begin()
			.createFailed(1);
		assertThat(machine.shown().state()).isEqualTo(EndpointState.DROPPED);
		assertThat(machine.shown().nextStart()).isEqualTo(Instant.MAX);
	}

	@Test
	void aStartOfOneThatWouldBeginAnewLaterEndsItsPause() {
		Duration pause = Duration.ofMinutes(1);
		PlayedMachine machine = PlayedMachine
			.plain(EndpointOptions.builder()
				.restartPolicy(RestartPolicy.builder().allowedConsecutiveErrors(1).reviveAfter(pause).build()))
			.begin()
			.createFailed(1);
		assertThat(machine.done()).containsExactly(new Action.Arm(1, pause));
		assertThat(machine.shown().nextStart()).isEqualTo(PlayedMachine.at(pause));
		machine.tell(new Signal.Start());
		assertThat(machine.done()).containsExactly(Action.DISARM, new Action.Launch(2));
		assertThat(machine.shown().consecutiveErrors()).isZero();
		assertThat(machine.shown().restarts()).isZero();
	}

	@Test
	void oneThatPromisedToSaySoServesFromItsReadyOnAndHasNoLimitForIt() {
		PlayedMachine machine = PlayedMachine.contextual(EndpointOptions.builder().explicitReady(true)).begin();
		machine.created(1).pass(Duration.ofDays(1));
		assertThat(machine.shown().state()).isEqualTo(EndpointState.STARTING);
		assertThat(machine.machine().armed).isFalse();
		machine.tell(new Signal.Ready(1));
		assertThat(machine.shown().state()).isEqualTo(EndpointState.SERVING);
		machine.pass(Duration.ofMillis(400)).threw(1);
		assertThat(machine.shown().lastCrash().served()).isEqualTo(Duration.ofMillis(400));
		assertThat(machine.shown().consecutiveErrors()).isEqualTo(1);
	}

	@Test
	void aCrashBeforeThePromisedReadyIsAnErrorWhateverTimeItTook() {
		PlayedMachine machine = PlayedMachine.contextual(EndpointOptions.builder().explicitReady(true)).begin();
		machine.created(1).pass(Duration.ofMinutes(10)).threw(1);
		assertThat(machine.shown().lastCrash().served()).isZero();
		assertThat(machine.shown().consecutiveErrors()).isEqualTo(1);
	}

	@Test
	void g14AStartTimeoutWhoseTimerFiresFarTooLateBeginsAnewOnce() {
		PlayedMachine machine = PlayedMachine.contextual(startTimeout()).begin().created(1);
		machine.pass(Duration.ofSeconds(6)).fireLate(Duration.ofMillis(5950));
		assertThat(machine.actions()).containsExactly(new Action.Arm(2, TIMEOUT));
		machine.pass(Duration.ofSeconds(6)).fireLate(Duration.ofMillis(5950));
		assertThat(machine.actions()).hasOnlyElementsOfType(Action.Inspect.class);
	}

	@Test
	void g14AHeartbeatTimeoutWhoseTimerFiresFarTooLateBeginsAnewOnceUntilTheNextHeartbeat() {
		PlayedMachine machine = PlayedMachine.contextual(heartbeatTimeout()).begin().created(1);
		machine.pass(Duration.ofSeconds(6)).fireLate(Duration.ofSeconds(5));
		assertThat(machine.actions()).containsExactly(new Action.Arm(2, HALF));
		machine.pass(Duration.ofSeconds(6)).fireLate(Duration.ofSeconds(5));
		assertThat(machine.actions()).hasOnlyElementsOfType(Action.Inspect.class);
		machine.timedOutHaving(Duration.ofSeconds(12));
		assertThat(machine.actions()).containsExactly(new Action.Arm(3, HALF));
		machine.pass(Duration.ofSeconds(6)).fireLate(Duration.ofSeconds(5));
		assertThat(machine.actions()).containsExactly(new Action.Arm(4, HALF));
	}

	@Test
	void g14ACloseTimeoutWhoseTimerFiresFarTooLateBeginsAnewOnceAndSoDoesTheLastWait() {
		PlayedMachine machine = PlayedMachine.plain(DEFAULTS).begin().created(1).tell(new Signal.Stop());
		Duration closeTimeout = Duration.ofSeconds(20);
		machine.pass(Duration.ofSeconds(60)).fireLate(Duration.ofSeconds(40));
		assertThat(machine.actions()).containsExactly(new Action.Arm(2, closeTimeout));
		machine.pass(Duration.ofSeconds(60)).fireLate(Duration.ofSeconds(40));
		assertThat(machine.actions()).containsExactly(new Action.Arm(3, Duration.ofSeconds(1)),
				new Action.Interrupt(1));
		machine.pass(Duration.ofSeconds(60)).fireLate(Duration.ofSeconds(59));
		assertThat(machine.actions()).containsExactly(new Action.Arm(4, Duration.ofSeconds(1)));
		machine.pass(Duration.ofSeconds(60)).fireLate(Duration.ofSeconds(59));
		assertThat(machine.shown().abandoned()).isEqualTo(1);
	}

	@Test
	void aTimerThatIsAsLateAsTimersAreOnABusyMachineIsNotTooLate() {
		PlayedMachine machine = PlayedMachine.contextual(startTimeout()).begin().created(1);
		machine.pass(TIMEOUT).fireLate(Duration.ofMillis(10));
		assertThat(machine.actions()).hasOnlyElementsOfType(Action.Inspect.class);
	}

	@ParameterizedTest
	@CsvSource({ "20000, 1000, false", "20000, 1001, true", "800, 100, false", "800, 101, true" })
	void g14ATimerIsFarTooLateByAnEighthOfItsLimitButByASecondAtMost(long limit, long late, boolean renews) {
		Duration closeTimeout = Duration.ofMillis(limit);
		PlayedMachine machine = PlayedMachine.plain(EndpointOptions.builder().closeTimeout(closeTimeout))
			.begin()
			.created(1)
			.tell(new Signal.Stop());
		machine.pass(closeTimeout.plusMillis(late)).fireLate(Duration.ofMillis(late));
		assertThat(machine.actions().contains(new Action.Arm(2, closeTimeout))
				&& !machine.actions().contains(new Action.Interrupt(1)))
			.isEqualTo(renews);
	}

	@Test
	void g14AHeartbeatWhileItIsLookedAtIsHeard() {
		PlayedMachine machine = PlayedMachine.contextual(heartbeatTimeout()).begin().created(1);
		machine.pass(TIMEOUT).fire().pass(Duration.ofMillis(5)).timedOutHaving(Duration.ofMillis(51));
		assertThat(machine.shown().state()).isEqualTo(EndpointState.SERVING);
		assertThat(machine.shown().crashes()).isZero();
		assertThat(machine.actions()).containsExactly(new Action.Arm(2, HALF));
	}

}
