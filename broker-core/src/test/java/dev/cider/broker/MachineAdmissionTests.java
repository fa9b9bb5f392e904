package dev.cider.broker;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * No launch of a gated endpoint without an admission of its own; what bars is no error
 * (G25): one signal after another. What must hold in any order is for the simulation.
 */
class MachineAdmissionTests {

	private static final Duration SECOND = Duration.ofSeconds(1);

	private static final String DATABASE = "the database to serve";

	private static EndpointOptions.Builder options() {
		return EndpointOptions.builder().restartPolicy(PlayedMachine.policy(SECOND).build());
	}

	private static EndpointOptions.Builder atOnce() {
		return EndpointOptions.builder().restartPolicy(PlayedMachine.policy(Duration.ZERO).build());
	}

	private static PlayedMachine waiting() {
		return PlayedMachine.gated(options()).begin();
	}

	private static PlayedMachine serving() {
		return waiting().admit().created(1);
	}

	/** The second incarnation is not admitted yet; the first one was an error. */
	private static PlayedMachine waitingAfterAnError() {
		return waiting().admit().createFailed(1).pass(SECOND).fire();
	}

	private static void asks(PlayedMachine machine, long question, boolean requested) {
		assertThat(machine.done()).containsOnlyOnce(new Action.Ask(question, requested))
			.noneMatch(Action.Launch.class::isInstance)
			.filteredOn(Action.Ask.class::isInstance)
			.hasSize(1);
		assertThat(machine.shown().state()).isEqualTo(EndpointState.WAITING);
	}

	private static void staysTheSame(PlayedMachine machine, Signal... late) {
		EndpointMachine before = machine.machine();
		for (Signal signal : late) {
			assertThat(machine.tell(signal).machine()).as(signal + " in " + before.state).isSameAs(before);
			assertThat(machine.actions()).isEmpty();
		}
	}

	// Each launch is asked for

	@Test
	void g25TheFirstLaunchWaitsForItsAdmission() {
		PlayedMachine machine = waiting();
		asks(machine, 1, false);
		EndpointSnapshot waiting = machine.shown();
		assertThat(waiting.incarnation()).isZero();
		assertThat(waiting.waitingFor()).isEqualTo("the answer whether it may start");
		machine.pass(SECOND).admit();
		assertThat(machine.done()).containsExactly(new Action.Launch(1));
		assertThat(machine.told()).containsExactly(new EndpointChange(waiting, machine.shown()));
		assertThat(machine.shown().state()).isEqualTo(EndpointState.STARTING);
		assertThat(machine.shown().since()).isEqualTo(PlayedMachine.at(SECOND));
		assertThat(machine.shown().waitingFor()).isNull();
	}

	@Test
	void g25WhatIsNotGatedIsNeverAskedFor() {
		PlayedMachine machine = PlayedMachine.plain(options()).begin();
		assertThat(machine.done()).containsExactly(new Action.Launch(1));
		assertThat(machine.createFailed(1).pass(SECOND).fire().done()).containsExactly(new Action.Launch(2));
	}

	@Test
	void g25AnAdmissionHoldsForOneLaunch() {
		asks(waitingAfterAnError(), 2, false);
		asks(PlayedMachine.gated(atOnce()).begin().admit().createFailed(1), 2, false);
		asks(PlayedMachine.gated(atOnce()).begin().admit().created(1).threw(1).closed(1), 2, false);
	}

	@Test
	void g25AReturnInModeAlwaysIsAskedFor() {
		EndpointOptions.Builder always = EndpointOptions.builder()
			.restartPolicy(PlayedMachine.policy(Duration.ZERO).mode(RestartMode.ALWAYS).build());
		asks(PlayedMachine.gated(always).begin().admit().created(1).returned(1).closed(1), 2, false);
	}

	@Test
	void g25ARevivalIsAskedForAndForgives() {
		RestartPolicy reviving = RestartPolicy.builder().allowedConsecutiveErrors(1).reviveAfter(SECOND).build();
		PlayedMachine machine = PlayedMachine.gated(EndpointOptions.builder().restartPolicy(reviving));
		machine.begin().admit().createFailed(1).pass(SECOND).fire();
		asks(machine, 2, false);
		assertThat(machine.shown().consecutiveErrors()).isZero();
		assertThat(machine.shown().nextStart()).isNull();
		assertThat(machine.admit().shown().restarts()).isZero();
	}

	@Test
	void g25WhatAnOperatorWantsIsAskedForAsHis() {
		EndpointOptions.Builder byHand = EndpointOptions.builder().autoStart(false);
		asks(PlayedMachine.gated(byHand).begin().tell(new Signal.Start()), 1, true);
		asks(PlayedMachine.gated(byHand).begin().tell(new Signal.Restart()), 1, true);
		asks(waiting().tell(new Signal.Stop()).tell(new Signal.Start()), 2, true);
		asks(waiting().admit().createFailed(1).tell(new Signal.Restart()), 2, true);
		asks(serving().tell(new Signal.Restart()).returned(1).closed(1), 2, true);
		asks(serving().tell(new Signal.Stop()).tell(new Signal.Start()).returned(1).closed(1), 2, true);
		asks(serving().threw(1).tell(new Signal.Restart()).closed(1), 2, true);
	}

	@Test
	void g25WhatIsGivenUpForAnOperatorIsReplacedWhenThatIsAdmitted() {
		PlayedMachine machine = PlayedMachine.gated(options().replaceAbandoned(false)).begin().admit().created(1);
		machine.tell(new Signal.Evict(1)).fire().fire();
		assertThat(machine.machine().isOverdue()).isTrue();
		asks(machine.tell(new Signal.Restart()), 2, true);
		assertThat(machine.shown().abandoned()).isEqualTo(1);
		assertThat(machine.shown().waitingFor()).isEqualTo("the answer whether it may start");
	}

	@Test
	void g25TheStartTimeoutBeginsWithTheLaunch() {
		PlayedMachine machine = PlayedMachine.gated(options().startTimeout(SECOND)).begin();
		assertThat(machine.machine().armed).isFalse();
		machine.pass(SECOND.multipliedBy(9)).admit();
		assertThat(machine.done()).containsExactly(new Action.Launch(1), new Action.Arm(1, SECOND));
	}

	@Test
	void g25ALaunchCountsAsARestartWhenItIsAdmitted() {
		PlayedMachine machine = waitingAfterAnError();
		assertThat(machine.shown().restarts()).isZero();
		assertThat(machine.admit().shown().restarts()).isEqualTo(1);
	}

	// Answers

	@Test
	void g25AnAnswerToAnEarlierQuestionIsNotHeard() {
		PlayedMachine machine = waitingAfterAnError();
		staysTheSame(machine, new Signal.Admit(1), new Signal.Bar(1, DATABASE, true), new Signal.Admit(3));
		assertThat(machine.admit().shown().state()).isEqualTo(EndpointState.STARTING);
	}

	@Test
	void g25AnAnswerThatNothingWaitsForIsNotHeard() {
		List<Supplier<PlayedMachine>> others = List.of(() -> waiting().admit(), MachineAdmissionTests::serving,
				() -> serving().tell(new Signal.Stop()), () -> waiting().admit().createFailed(1),
				() -> waiting().tell(new Signal.Stop()), () -> serving().returned(1).closed(1),
				() -> waiting().tell(new Signal.AnnounceTermination()), () -> waiting().tell(new Signal.Terminate()));
		for (Supplier<PlayedMachine> other : others) {
			staysTheSame(other.get(), new Signal.Admit(1), new Signal.Bar(1, DATABASE, true));
		}
	}

	@Test
	void g25WhatBarsItIsShownUntilItIsAdmitted() {
		PlayedMachine machine = waiting().pass(SECOND).bar(DATABASE, false);
		assertThat(machine.actions()).isEmpty();
		assertThat(machine.shown().state()).isEqualTo(EndpointState.WAITING);
		assertThat(machine.shown().waitingFor()).isEqualTo(DATABASE);
		assertThat(machine.shown().since()).isEqualTo(PlayedMachine.at(Duration.ZERO));
		assertThat(machine.bar("the disk", false).shown().waitingFor()).isEqualTo("the disk");
		assertThat(machine.admit().shown().waitingFor()).isNull();
		machine.createFailed(1).pass(SECOND).fire();
		assertThat(machine.shown().waitingFor()).isEqualTo("the answer whether it may start");
	}

	// What bars is no error

	@Test
	void g25WhatExplainsTheErrorTakesItBackOnce() {
		PlayedMachine machine = waitingAfterAnError().admit().createFailed(2).pass(SECOND).fire();
		assertThat(machine.shown().consecutiveErrors()).isEqualTo(2);
		machine.bar("a lock", false);
		assertThat(machine.shown().consecutiveErrors()).isEqualTo(2);
		machine.bar(DATABASE, true);
		assertThat(machine.shown().consecutiveErrors()).isEqualTo(1);
		assertThat(machine.shown().crashes()).isEqualTo(2);
		assertThat(machine.shown().lastCrash().consecutiveErrors()).isEqualTo(2);
		assertThat(machine.shown().lastDecision().consecutiveErrors()).isEqualTo(1);
		assertThat(machine.shown().lastDecision().explanation()).startsWith("error 2 of 3 in a row")
			.endsWith("taken back, explained by " + DATABASE);
		assertThat(machine.bar(DATABASE, true).shown().consecutiveErrors()).isEqualTo(1);
		assertThat(machine.tell(new Signal.Restart()).bar(DATABASE, true).shown().consecutiveErrors()).isEqualTo(1);
		machine.admit().createFailed(3);
		assertThat(machine.shown().state()).isEqualTo(EndpointState.BACKOFF);
		assertThat(machine.shown().consecutiveErrors()).isEqualTo(2);
	}

	@Test
	void g25OnlyAnErrorIsTakenBack() {
		RestartPolicy always = PlayedMachine.policy(Duration.ZERO).mode(RestartMode.ALWAYS).build();
		PlayedMachine returned = PlayedMachine.gated(EndpointOptions.builder().restartPolicy(always))
			.begin()
			.admit()
			.createFailed(1)
			.admit()
			.created(2)
			.returned(2)
			.closed(2);
		assertThat(returned.bar(DATABASE, true).shown().consecutiveErrors()).isEqualTo(1);
		PlayedMachine wished = waiting().admit().createFailed(1).tell(new Signal.Restart());
		assertThat(wished.bar(DATABASE, true).shown().consecutiveErrors()).isEqualTo(1);
		PlayedMachine good = serving().pass(Duration.ofDays(1)).threw(1).closed(1).pass(SECOND).fire();
		assertThat(good.bar(DATABASE, true).shown().consecutiveErrors()).isZero();
		assertThat(waiting().bar(DATABASE, true).shown().consecutiveErrors()).isZero();
	}

	@Test
	void g25WhatBarsAfterAnEvictionExplainsNoEarlierError() {
		PlayedMachine machine = waitingAfterAnError().admit().created(2);
		machine.tell(new Signal.Evict(2)).returned(2).closed(2);
		asks(machine, 3, false);
		assertThat(machine.bar(DATABASE, true).shown().consecutiveErrors()).isEqualTo(1);
	}

	@Test
	void g25AnErrorThatAnOperatorAsksAfterMayStillBeExplained() {
		PlayedMachine machine = waitingAfterAnError().tell(new Signal.Restart()).bar(DATABASE, true);
		assertThat(machine.shown().consecutiveErrors()).isZero();
	}

	// Operators, and the end

	@Test
	void g25ARestartOpensNothingAndIsAskedForAnew() {
		PlayedMachine machine = waiting().bar(DATABASE, false).pass(SECOND).tell(new Signal.Restart());
		assertThat(machine.actions()).containsExactly(new Action.Withdraw(1), new Action.Ask(2, true));
		assertThat(machine.shown().state()).isEqualTo(EndpointState.WAITING);
		assertThat(machine.shown().since()).isEqualTo(PlayedMachine.at(Duration.ZERO));
		assertThat(machine.shown().waitingFor()).isEqualTo("the answer whether it may start");
		staysTheSame(machine, new Signal.Admit(1));
		assertThat(machine.admit().done()).containsExactly(new Action.Launch(1));
		assertThat(machine.shown().restarts()).isZero();
	}

	@Test
	void g25AStopEndsTheWaitAtOnceAndHoldsInTheNextBroker() {
		PlayedMachine machine = waiting().bar(DATABASE, false).tell(new Signal.Stop());
		assertThat(machine.done()).containsExactly(new Action.Withdraw(1));
		assertThat(machine.told()).hasSize(1);
		assertThat(machine.shown().state()).isEqualTo(EndpointState.STOPPED);
		assertThat(machine.shown().waitingFor()).isNull();
		assertThat(machine.continued(options()).begin().shown().state()).isEqualTo(EndpointState.STOPPED);
	}

	@Test
	void g25TheEndOfTheBrokerEndsTheWaitAtOnceAndDoesNotHoldInTheNextOne() {
		for (Signal end : List.of(new Signal.AnnounceTermination(), new Signal.Terminate())) {
			PlayedMachine machine = waitingAfterAnError().bar(DATABASE, false).tell(end);
			assertThat(machine.done()).containsExactly(new Action.Withdraw(2));
			assertThat(machine.shown().state()).isEqualTo(EndpointState.STOPPED);
			assertThat(machine.shown().waitingFor()).isNull();
			PlayedMachine next = machine.continued(options()).begin();
			asks(next, 1, false);
			assertThat(next.bar(DATABASE, true).shown().consecutiveErrors()).isZero();
			assertThat(next.admit().done()).containsExactly(new Action.Launch(2));
		}
		assertThat(waiting().tell(new Signal.Terminate()).machine().isOver()).isTrue();
	}

	@Test
	void g25NoQuestionIsWithdrawnThatIsNotOpen() {
		assertThat(waiting().admit().done()).containsExactly(new Action.Launch(1));
		assertThat(waiting().admit().createFailed(1).tell(new Signal.Stop()).done()).containsExactly(Action.DISARM);
		assertThat(waiting().tell(new Signal.Stop()).tell(new Signal.Terminate()).done()).isEmpty();
	}

	@Test
	void g17AStartMakesNoSenseWhileItWaits() {
		PlayedMachine machine = waiting();
		assertThat(machine.machine().mayStart()).isFalse();
		staysTheSame(machine, new Signal.Start(), new Signal.Begin());
	}

	@Test
	void g11WhatWaitsHasNotEnded() {
		assertThat(waiting().machine().hasEnded()).isFalse();
		assertThat(waiting().machine().isOver()).isFalse();
	}

	// Evictions

	@Test
	void g25WhatIsEvictedIsClosedAndMustBeAdmittedBeforeItComesBack() {
		PlayedMachine machine = waitingAfterAnError().admit().created(2).tell(new Signal.Evict(2));
		assertThat(machine.done()).contains(new Action.CloseAside(2));
		assertThat(machine.shown().state()).isEqualTo(EndpointState.CLOSING);
		assertThat(machine.shown().consecutiveErrors()).isEqualTo(1);
		asks(machine.returned(2).closed(2), 3, false);
		assertThat(machine.shown().consecutiveErrors()).isEqualTo(1);
		assertThat(machine.shown().crashes()).isEqualTo(1);
		assertThat(machine.admit().shown().restarts()).isEqualTo(2);
	}

	@Test
	void g25WhatIsEvictedWhileItsFactoryRunsIsInterrupted() {
		PlayedMachine machine = waiting().admit().tell(new Signal.Evict(1));
		assertThat(machine.done()).contains(new Action.Interrupt(1));
		asks(machine.createFailed(1), 2, false);
		assertThat(machine.shown().crashes()).isZero();
	}

	@Test
	void g25OnlyTheIncarnationThatIsMeantIsEvicted() {
		PlayedMachine machine = waitingAfterAnError().admit().created(2);
		staysTheSame(machine, new Signal.Evict(1), new Signal.Evict(3));
		PlayedMachine abandoned = serving().tell(new Signal.Restart()).fire().fire().admit().created(2);
		assertThat(abandoned.machine().knows(1)).isTrue();
		staysTheSame(abandoned, new Signal.Evict(1));
		staysTheSame(waiting(), new Signal.Evict(0), new Signal.Evict(1));
		staysTheSame(serving().returned(1).closed(1), new Signal.Evict(1));
	}

	@Test
	void g25AnEvictionChangesNothingWhereTheIncarnationIsClosedAnyway() {
		List<Supplier<PlayedMachine>> closing = List.of(() -> serving().tell(new Signal.Stop()),
				() -> serving().threw(1), () -> serving().returned(1), () -> serving().tell(new Signal.Restart()),
				() -> serving().tell(new Signal.Stop()).tell(new Signal.Start()));
		for (Supplier<PlayedMachine> each : closing) {
			PlayedMachine machine = each.get();
			AfterClose before = machine.machine().afterClose;
			assertThat(machine.tell(new Signal.Evict(1)).actions()).isEmpty();
			assertThat(machine.machine().afterClose).isEqualTo(before);
			assertThat(machine.shown().state()).isEqualTo(EndpointState.CLOSING);
		}
	}

	@Test
	void g25NothingIsEvictedOnceTheEndIsNear() {
		staysTheSame(serving().tell(new Signal.AnnounceTermination()), new Signal.Evict(1));
		staysTheSame(serving().tell(new Signal.Terminate()), new Signal.Evict(1));
	}

	@Test
	void g25AnOperatorsWordHoldsAfterAnEviction() {
		PlayedMachine stopped = serving().tell(new Signal.Evict(1)).tell(new Signal.Stop()).returned(1).closed(1);
		assertThat(stopped.shown().state()).isEqualTo(EndpointState.STOPPED);
		asks(serving().tell(new Signal.Evict(1)).tell(new Signal.Restart()).returned(1).closed(1), 2, true);
		assertThat(serving().tell(new Signal.Evict(1)).machine().mayStart()).isFalse();
		assertThat(serving().tell(new Signal.Evict(1)).machine().operatorDecided).isFalse();
	}

	@Test
	void g9AnOperatorWhoAsksTwiceAsksOnce() {
		PlayedMachine machine = PlayedMachine.gated(options()).begin();
		asks(machine.tell(new Signal.Restart()), 2, true);
		assertThat(machine.tell(new Signal.Restart()).actions()).isEmpty();
		assertThat(machine.admit().shown().incarnation()).isEqualTo(1);
	}

}
