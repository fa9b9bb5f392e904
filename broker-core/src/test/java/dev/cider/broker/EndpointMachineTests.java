package dev.cider.broker;

import java.time.Duration;
import java.util.List;

import dev.cider.broker.restart.RestartPolicy;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One signal after another: what is shown, what is told in which order, and what goes on
 * in the next broker. What must hold in any order is for the simulation.
 */
class EndpointMachineTests {

	private static final EndpointOptions.Builder DEFAULTS = EndpointOptions.builder();

	private static final EndpointOptions.Builder BY_HAND = EndpointOptions.builder().autoStart(false);

	private static final EndpointOptions.Builder AT_ONCE = EndpointOptions.builder()
		.restartPolicy(PlayedMachine.policy(Duration.ZERO).build());

	private static final Duration SECOND = Duration.ofSeconds(1);

	/** The first incarnation is abandoned in serve and close, the second one serves. */
	private static PlayedMachine withOneAbandoned() {
		return PlayedMachine.plain(DEFAULTS).begin().created(1).tell(new Signal.Restart()).fire().fire().created(2);
	}

	@Test
	void anEndpointThatIsToStartByItselfIsLaunchedWhenTheBrokerServes() {
		PlayedMachine machine = PlayedMachine.plain(DEFAULTS).begin();
		assertThat(machine.done()).containsExactly(new Action.Launch(1));
		assertThat(machine.shown().state()).isEqualTo(EndpointState.STARTING);
		assertThat(machine.shown().starts()).isEqualTo(1);
		assertThat(machine.shown().restarts()).isZero();
	}

	@Test
	void anEndpointThatIsNotToStartByItselfWaitsForAnOperator() {
		PlayedMachine machine = PlayedMachine.plain(BY_HAND).begin();
		assertThat(machine.actions()).isEmpty();
		assertThat(machine.shown().state()).isEqualTo(EndpointState.REGISTERED);
		assertThat(machine.tell(new Signal.Start()).done()).containsExactly(new Action.Launch(1));
	}

	@Test
	void aCrashIsToldBeforeTheChangeThatComesOfIt() {
		PlayedMachine machine = PlayedMachine.plain(AT_ONCE).begin().pass(SECOND).created(1);
		EndpointSnapshot serving = machine.shown();
		machine.pass(Duration.ofMillis(400)).threw(1);
		EndpointSnapshot closing = machine.shown();
		assertThat(machine.told()).hasSize(2).first().isInstanceOfSatisfying(EndpointCrashReport.class, (report) -> {
			assertThat(report.factoryId()).isEqualTo("tcp");
			assertThat(report.at()).isEqualTo(PlayedMachine.at(Duration.ofMillis(1400)));
			assertThat(report.served()).isEqualTo(Duration.ofMillis(400));
			assertThat(report.decision().explanation())
				.isEqualTo("error 1 of 3 in a row (served 0.4 s, error window 1 s): restart at once");
		});
		assertThat(machine.told()).last().isEqualTo(new EndpointChange(serving, closing));
		assertThat(closing.lastCrash().factoryId()).isEqualTo("tcp");
		assertThat(closing.lastCrash().decision()).isEqualTo(closing.lastDecision().explanation());
	}

	@Test
	void sinceIsWhenTheStateOrTheIncarnationChangedLast() {
		PlayedMachine machine = PlayedMachine.plain(AT_ONCE).begin().pass(SECOND);
		assertThat(machine.shown().since()).isEqualTo(PlayedMachine.at(Duration.ZERO));
		// From STARTING to STARTING, but of another incarnation.
		machine.createFailed(1);
		assertThat(machine.shown().since()).isEqualTo(PlayedMachine.at(SECOND));
		machine.pass(SECOND).created(2);
		assertThat(machine.shown().since()).isEqualTo(PlayedMachine.at(SECOND.multipliedBy(2)));
		machine.pass(SECOND).tell(new Signal.Ready(2));
		assertThat(machine.shown().since()).isEqualTo(PlayedMachine.at(SECOND.multipliedBy(2)));
	}

	@Test
	void aNewIncarnationInTheSameStateIsAChangeToo() {
		PlayedMachine machine = PlayedMachine.plain(AT_ONCE).begin().createFailed(1);
		assertThat(machine.told()).hasSize(2).last().isInstanceOfSatisfying(EndpointChange.class, (change) -> {
			assertThat(change.from().incarnation()).isEqualTo(1);
			assertThat(change.to().incarnation()).isEqualTo(2);
			assertThat(change.to().state()).isEqualTo(change.from().state()).isEqualTo(EndpointState.STARTING);
		});
	}

	@Test
	void whereNothingToBeSeenHasChangedNothingIsTold() {
		PlayedMachine machine = PlayedMachine.contextual(DEFAULTS).begin().created(1).tell(new Signal.Ready(1));
		assertThat(machine.actions()).isEmpty();
	}

	@Test
	void g10TheLateEndOfAnAbandonedOneIsAChangeAndNothingElse() {
		PlayedMachine machine = withOneAbandoned().pass(SECOND);
		EndpointSnapshot before = machine.shown();
		assertThat(before.abandoned()).isEqualTo(1);
		machine.returned(1);
		assertThat(machine.actions()).containsExactly(new Action.Dismiss(1));
		machine.closed(1);
		assertThat(machine.told()).containsExactly(new EndpointChange(before, machine.shown()));
		assertThat(machine.shown().abandoned()).isZero();
		assertThat(machine.shown().since()).isEqualTo(before.since());
		assertThat(machine.shown().state()).isEqualTo(EndpointState.SERVING);
	}

	@Test
	void theThreadOfAClosedOneIsDismissedIfItWaitsForThat() {
		PlayedMachine machine = PlayedMachine.plain(DEFAULTS).begin().created(1).tell(new Signal.Stop());
		assertThat(machine.returned(1).actions()).containsExactly(new Action.Dismiss(1));
		PlayedMachine failing = PlayedMachine.plain(DEFAULTS).begin().tell(new Signal.Stop());
		assertThat(failing.createFailed(1).done()).containsExactly(Action.DISARM);
		assertThat(failing.shown().state()).isEqualTo(EndpointState.STOPPED);
	}

	@Test
	void aSignalOfAnIncarnationThatIsNotKnownChangesNothingAtAll() {
		PlayedMachine machine = withOneAbandoned();
		EndpointMachine before = machine.machine();
		assertThat(machine.closed(7).machine()).isSameAs(before);
		assertThat(machine.actions()).isEmpty();
	}

	@Test
	void onlyIncarnationsThatLiveAreKnown() {
		PlayedMachine machine = withOneAbandoned();
		assertThat(List.of(0L, 1L, 2L, 3L)).filteredOn(machine.machine()::knows).containsExactly(1L, 2L);
		machine.threw(1).closed(1).threw(2).closed(2);
		assertThat(List.of(0L, 1L, 2L, 3L)).noneMatch(machine.machine()::knows);
	}

	@Test
	void g11OnlyWhatIsFinishedOrDroppedForGoodHasEndedByItself() {
		PlayedMachine finished = PlayedMachine.plain(DEFAULTS).begin().created(1).returned(1);
		assertThat(finished.machine().hasEnded()).isFalse();
		assertThat(finished.closed(1).machine().hasEnded()).isTrue();
		RestartPolicy.Builder first = RestartPolicy.builder().allowedConsecutiveErrors(1);
		PlayedMachine dropped = PlayedMachine.plain(EndpointOptions.builder().restartPolicy(first.build()))
			.begin()
			.createFailed(1);
		assertThat(dropped.machine().hasEnded()).isTrue();
		PlayedMachine reviving = PlayedMachine
			.plain(EndpointOptions.builder().restartPolicy(first.reviveAfter(SECOND).build()))
			.begin()
			.createFailed(1);
		assertThat(reviving.machine().hasEnded()).isFalse();
		assertThat(reviving.tell(new Signal.Stop()).machine().hasEnded()).isFalse();
	}

	@Test
	void g8NothingAnOperatorSaysAfterTheTerminateIsHeard() {
		PlayedMachine machine = PlayedMachine.plain(DEFAULTS).begin().created(1).tell(new Signal.Terminate());
		EndpointMachine before = machine.machine();
		for (Signal late : List.of(new Signal.Start(), new Signal.Restart(), new Signal.Stop(), new Signal.Begin(),
				new Signal.Terminate())) {
			assertThat(machine.tell(late).machine()).isSameAs(before);
			assertThat(machine.actions()).isEmpty();
		}
	}

	@Test
	void g8OnlyWhatWouldLaunchSomethingComesTooLateForTheEnd() {
		PlayedMachine serving = PlayedMachine.plain(DEFAULTS).begin().created(1);
		assertThat(serving.machine().isTooLate(new Signal.Start())).isFalse();
		for (Signal end : List.of(new Signal.AnnounceTermination(), new Signal.Terminate())) {
			EndpointMachine ending = PlayedMachine.plain(DEFAULTS).begin().created(1).tell(end).machine();
			assertThat(ending.isTooLate(new Signal.Start())).isTrue();
			assertThat(ending.isTooLate(new Signal.Restart())).isTrue();
			assertThat(ending.isTooLate(new Signal.Stop())).isFalse();
		}
	}

	@Test
	void g10AnAbandonedIncarnationIsAliveUntilItsServeAndItsCloseHaveEnded() {
		PlayedMachine machine = withOneAbandoned();
		assertThat(machine.machine().isAlive(1)).isTrue();
		assertThat(machine.machine().isAlive(2)).isTrue();
		assertThat(machine.machine().isAlive(3)).isFalse();
		machine.returned(1);
		assertThat(machine.machine().isAlive(1)).isTrue();
		machine.closed(1);
		assertThat(machine.machine().isAlive(1)).isFalse();
	}

	@Test
	void g10WhatOnlyTheBrokerInItLeftBehindIsNotAliveItself() {
		PlayedMachine machine = PlayedMachine.plain(DEFAULTS).begin().created(1);
		machine.tell(new Signal.InnerChanged(1, new Inner(1, false))).returned(1).closed(1);
		assertThat(machine.machine().knows(1)).isTrue();
		assertThat(machine.machine().isAlive(1)).isFalse();
	}

	@Test
	void theNextBrokerGoesOnCountingFromACleanCountOfErrors() {
		PlayedMachine machine = PlayedMachine.plain(AT_ONCE).begin().createFailed(1).created(2);
		EndpointSnapshot last = machine.shown();
		assertThat(last.consecutiveErrors()).isEqualTo(1);
		EndpointSnapshot next = machine.pass(SECOND).continued(DEFAULTS).shown();
		assertThat(next).isEqualTo(new EndpointSnapshot("tcp", EndpointState.REGISTERED, PlayedMachine.at(SECOND), 2, 2,
				1, 1, 0, 0, 0, null, last.lastCrash(), last.lastDecision(), null, SECOND.toNanos()));
	}

	@Test
	void whatAnOperatorStoppedStaysStoppedInTheNextBrokerAndWhatHeStartedStarts() {
		PlayedMachine stopped = PlayedMachine.plain(DEFAULTS).begin().created(1).tell(new Signal.Stop());
		assertThat(stopped.continued(DEFAULTS).begin().shown().state()).isEqualTo(EndpointState.STOPPED);
		assertThat(stopped.continued(BY_HAND).begin().shown().state()).isEqualTo(EndpointState.REGISTERED);
		PlayedMachine started = PlayedMachine.plain(BY_HAND).begin().tell(new Signal.Start());
		assertThat(started.continued(BY_HAND).begin().done()).containsExactly(new Action.Launch(2));
	}

	@Test
	void g10WhatWasAbandonedIsPassedOnToTheNextBroker() {
		PlayedMachine machine = withOneAbandoned();
		List<Abandoned> abandoned = machine.machine().abandoned;
		assertThat(abandoned).extracting(Abandoned::incarnation).containsExactly(1L);
		machine.tell(new Signal.HandOver());
		assertThat(machine.actions()).startsWith(new Action.HandOver(abandoned));
		assertThat(machine.shown().abandoned()).isZero();
		PlayedMachine next = machine.continued(DEFAULTS).tell((Signal.TakeOver) () -> abandoned);
		assertThat(next.shown().abandoned()).isEqualTo(1);
		assertThat(next.machine().knows(1)).isTrue();
		assertThat(next.told()).hasSize(1);
		assertThat(next.returned(1).closed(1).shown().abandoned()).isZero();
	}

	@Test
	void aRevivalIsDueFromTheCrashHoweverLongTheCloseTakes() {
		RestartPolicy reviving = RestartPolicy.builder()
			.allowedConsecutiveErrors(1)
			.reviveAfter(Duration.ofMinutes(1))
			.build();
		PlayedMachine machine = PlayedMachine.plain(EndpointOptions.builder().restartPolicy(reviving));
		machine.begin().created(1).threw(1).pass(SECOND).closed(1);
		assertThat(machine.shown().nextStart()).isEqualTo(PlayedMachine.at(Duration.ofMinutes(1)));
		assertThat(machine.done()).contains(new Action.Arm(2, Duration.ofSeconds(59)));
	}

	@Test
	void aRevivalThatIsOverdueWhenTheCloseEndsComesAtOnce() {
		RestartPolicy reviving = RestartPolicy.builder().allowedConsecutiveErrors(1).reviveAfter(SECOND).build();
		PlayedMachine machine = PlayedMachine.plain(EndpointOptions.builder().restartPolicy(reviving));
		machine.begin().created(1).threw(1).pass(SECOND.multipliedBy(5)).closed(1);
		assertThat(machine.done()).contains(new Action.Arm(2, Duration.ZERO));
		assertThat(machine.fire().shown().state()).isEqualTo(EndpointState.STARTING);
	}

	@Test
	void aCrashIsShownAtTheEndOfTheRunNotWhenItWasTold() {
		PlayedMachine machine = PlayedMachine.plain(EndpointOptions.builder()).begin().created(1).pass(SECOND);
		long exited = SECOND.toNanos();
		machine.pass(SECOND.multipliedBy(3));
		machine.tell(new Signal.Threw(1, PlayedMachine.failure(), exited, 0.5));
		assertThat(machine.shown().lastCrash().at()).isEqualTo(PlayedMachine.at(SECOND));
		assertThat(machine.shown().lastCrash().served()).isEqualTo(SECOND);
		assertThat(machine.shown().since()).isEqualTo(PlayedMachine.at(SECOND));
		assertThat(machine.shown().sinceNanos()).isEqualTo(exited);
	}

}
