package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import dev.cider.broker.restart.UnwordedDecision;

import static dev.cider.broker.EndpointState.BACKOFF;
import static dev.cider.broker.EndpointState.CLOSING;
import static dev.cider.broker.EndpointState.DROPPED;
import static dev.cider.broker.EndpointState.FINISHED;
import static dev.cider.broker.EndpointState.REGISTERED;
import static dev.cider.broker.EndpointState.SERVING;
import static dev.cider.broker.EndpointState.STARTING;
import static dev.cider.broker.EndpointState.STOPPED;
import static dev.cider.broker.EndpointState.WAITING;
import static dev.cider.broker.MutantTamper.with;

/**
 * The machine with one mistake. A simulation that lets one of them live proves nothing of
 * the machine that makes none.
 */
enum Mutant implements SimulatedMachine {

	// G1, G2, G4, G8: when something is launched and served

	NUMBERS_AN_INCARNATION_WRONG(MutantTamper.after((before, signal, after) -> (after.incarnation > 2)
			? with(after, "incarnation", after.incarnation - 1) : after)),

	SERVES_TWICE(MutantTamper.doingTwice(Action.Serve.class::isInstance)),

	SERVES_WHAT_WAS_STOPPED(
			MutantTamper.before((machine, signal) -> (in(machine, CLOSING) && is(signal, Signal.Created.class))
					? with(machine, "state", STARTING) : machine)),

	LAUNCHES_WHILE_CLOSING((machine, signal, now) -> {
		Step step = machine.on(signal, now);
		if (!in(machine, SERVING) || !is(signal, Signal.Restart.class)) {
			return step;
		}
		List<Action> actions = new ArrayList<>(step.actions());
		actions.add(new Action.Launch(machine.incarnation + 1));
		return Step.of(step.machine(), actions);
	}),

	LAUNCHES_TWICE(MutantTamper.doingTwice(Action.Launch.class::isInstance)),

	RESTARTS_AFTER_A_STOP(
			MutantTamper.after((before, signal, after) -> (in(after, CLOSING) && is(signal, Signal.Stop.class))
					? with(after, "afterClose", new AfterClose.Retry(Duration.ZERO)) : after)),

	FORGETS_A_STOP(MutantTamper.deafTo((machine, signal) -> is(signal, Signal.Stop.class) && in(machine, SERVING))),

	FORGETS_A_STOP_IN_BACKOFF(
			MutantTamper.deafTo((machine, signal) -> is(signal, Signal.Stop.class) && in(machine, BACKOFF))),

	FORGETS_A_START_WHILE_CLOSING(
			MutantTamper.deafTo((machine, signal) -> is(signal, Signal.Start.class) && in(machine, CLOSING))),

	ASKS_AGAIN_FOR_AN_OPERATOR_WHO_WAITS_ALREADY(MutantTamper.before((machine,
			signal) -> (is(signal, Signal.Restart.class) && in(machine, WAITING)
					&& machine.afterClose instanceof AfterClose.Launch launch)
							? with(machine, "afterClose",
									AfterClose.Launch.of(launch.restart(), launch.afterError(), false))
							: machine)),

	FORGETS_A_RESTART_IN_BACKOFF(
			MutantTamper.deafTo((machine, signal) -> is(signal, Signal.Restart.class) && in(machine, BACKOFF))),

	GOES_ON_IN_BACKOFF_WHEN_TERMINATED(
			MutantTamper.deafTo((machine, signal) -> is(signal, Signal.Terminate.class) && in(machine, BACKOFF))),

	OBEYS_AFTER_TERMINATE(MutantTamper
		.before((machine, signal) -> is(signal, Signal.Request.class) ? with(machine, "terminating", false) : machine)),

	STARTS_WHAT_WAS_NOT_TO_START(MutantTamper
		.before((machine, signal) -> is(signal, Signal.Begin.class) ? with(machine, "shouldRun", true) : machine)),

	TAKES_AUTO_START_FOR_AN_OPERATORS_DECISION(
			MutantTamper.after((before, signal, after) -> with(after, "operatorDecided", true))),

	FORGETS_WHAT_AN_OPERATOR_DECIDED(
			MutantTamper.after((before, signal, after) -> with(after, "operatorDecided", false))),

	// G3: when something is closed

	CLOSES_TWICE(MutantTamper.doingTwice(Action.Close.class::isInstance)),

	CLOSES_TWICE_WHEN_STOPPED(MutantTamper.doingTwice(Action.CloseAside.class::isInstance)),

	FORGETS_TO_CLOSE(MutantTamper.leavingOut(Action.Close.class::isInstance)),

	FORGETS_TO_CLOSE_WHEN_STOPPED(MutantTamper.leavingOut(Action.CloseAside.class::isInstance)),

	LEAVES_A_THREAD_WAITING(MutantTamper.leavingOut(Action.Dismiss.class::isInstance)),

	// G5, G6: what is a crash, and what is reported of it

	REPORTS_A_CRASH_WHILE_CLOSING(
			MutantTamper.before((machine, signal) -> (in(machine, CLOSING) && is(signal, Signal.Threw.class))
					? with(machine, "state", SERVING) : machine)),

	FORGETS_A_REPORT(MutantTamper.leavingOut(Action.TellCrash.class::isInstance)),

	REPORTS_TWICE(MutantTamper.doingTwice(Action.TellCrash.class::isInstance)),

	REPORTS_ANOTHER_ERROR(MutantTamper
		.reporting((tell) -> with(tell, "failure", with(tell.failure(), "error", new Error("another"))))),

	REPORTS_A_DROP_AS_NONE(MutantTamper.reporting((tell) -> with(tell, "crash", decidedOtherwise(tell)))),

	TAKES_A_RETURN_FOR_A_CRASH(MutantTamper.mishearing((machine, signal) -> (signal instanceof Signal.Returned returned)
			? new Signal.Threw(returned.incarnation(), error(false), machine.since.nanos(), returned.roll()) : signal)),

	OBEYS_A_LATE_TIMER(
			MutantTamper.mishearing((machine, signal) -> (signal instanceof Signal.TimerFired && machine.armed)
					? with((Signal.TimerFired) signal, "timer", machine.timer) : signal)),

	OBEYS_A_LATE_INSPECTION(MutantTamper.mishearing((machine,
			signal) -> (signal instanceof Signal.TimedOut && machine.armed
					&& (in(machine, STARTING) || in(machine, SERVING)))
							? with((Signal.TimedOut) signal, "timer", machine.timer) : signal)),

	IGNORES_THE_START_TIMEOUT(MutantTamper.options((options) -> with(options, "startTimeout", null))),

	IGNORES_THE_HEARTBEAT_TIMEOUT(MutantTamper.options((options) -> with(options, "heartbeatTimeout", null))),

	HEARS_NO_HEARTBEAT(MutantTamper.mishearing(
			(machine, signal) -> (signal instanceof Signal.TimerFired fired) ? with(fired, "heard", false) : signal)),

	SERVES_WITHOUT_THE_READY_IT_WAS_PROMISED(MutantTamper.options((options) -> with(options, "explicitReady", false))),

	COUNTS_THE_TIME_BEFORE_READY(
			MutantTamper.before((machine, signal) -> (in(machine, STARTING) && is(signal, Signal.Threw.class))
					? with(machine, "state", SERVING) : machine)),

	SERVES_BEFORE_IT_IS_READY(MutantTamper.before((machine, signal) -> with(machine, "contextual", false))),

	FORGIVES_NO_LATE_TIMER(MutantTamper.mishearing(
			(machine, signal) -> (signal instanceof Signal.TimerFired fired) ? with(fired, "late", 0L) : signal)),

	FORGIVES_EVERY_LATE_TIMER(MutantTamper
		.before((machine, signal) -> is(signal, Signal.TimerFired.class) ? with(machine, "renewed", false) : machine)),

	ASKS_FOR_NO_HEARTBEAT_BEFORE_ITS_VERDICT(MutantTamper.mishearing(
			(machine, signal) -> (signal instanceof Signal.TimedOut late) ? with(late, "heard", false) : signal)),

	LOOKS_BUT_DOES_NOT_SEE(MutantTamper.deafTo((machine, signal) -> is(signal, Signal.TimedOut.class))),

	TAKES_AN_ANNOUNCED_END_FOR_NONE(
			MutantTamper.deafTo((machine, signal) -> is(signal, Signal.AnnounceTermination.class))),

	REPORTS_A_CRASH_AFTER_THE_ANNOUNCEMENT(MutantTamper
		.before((machine, signal) -> is(signal, Signal.Threw.class) ? with(machine, "announced", false) : machine)),

	RESTARTS_AFTER_THE_ANNOUNCEMENT(MutantTamper
		.before((machine, signal) -> is(signal, Signal.Restart.class) ? with(machine, "announced", false) : machine)),

	REVIVES_AFTER_THE_ANNOUNCEMENT(MutantTamper
		.deafTo((machine, signal) -> is(signal, Signal.AnnounceTermination.class) && in(machine, DROPPED))),

	ANNOUNCES_NOTHING_INSIDE(MutantTamper.leavingOut(Action.AnnounceInside.class::isInstance)),

	SAYS_NOTHING_OF_WHAT_WAS_EXCUSED(MutantTamper.leavingOut(Action.Excuse.class::isInstance)),

	// G7, G16: going on and giving up

	DROPS_ONE_ERROR_LATE(policy((policy) -> allowing(policy, 1))),

	DROPS_ONE_ERROR_EARLY(policy((policy) -> allowing(policy, -1))),

	NEVER_FORGETS_AN_ERROR(policy((policy) -> with(policy, "errorWindow", Duration.ofDays(1)))),

	MEASURES_SERVED_FROM_THE_LAUNCH(
			MutantTamper.after((before, signal, after) -> (in(before, STARTING) && in(after, SERVING))
					? with(after, "since", Moment.of(before.since.nanos(), after.since.instant())) : after)),

	STARTS_WITH_OLD_ERRORS(MutantTamper.after((before, signal, after) -> is(signal, Signal.Start.class)
			? past(after, "consecutiveErrors", before.past.consecutiveErrors()) : after)),

	REVIVES_WITH_OLD_ERRORS(
			MutantTamper.after((before, signal, after) -> (is(signal, Signal.TimerFired.class) && in(before, DROPPED))
					? past(after, "consecutiveErrors", before.past.consecutiveErrors()) : after)),

	COUNTS_A_WISHED_RESTART_AS_AN_ERROR(
			MutantTamper.after((before, signal, after) -> is(signal, Signal.Restart.class) && in(before, SERVING)
					? past(after, "consecutiveErrors", before.past.consecutiveErrors() + 1) : after)),

	DOES_NOT_COUNT_A_RESTART(MutantTamper.after((before, signal, after) -> with(after, "restarts",
			is(signal, Signal.TimerFired.class) ? before.restarts : after.restarts))),

	SURVIVES_WHAT_IS_FATAL(MutantTamper
		.mishearing((machine, signal) -> (signal instanceof Signal.Threw threw && threw.failure().fatal())
				? with(threw, "failure", with(threw.failure(), "fatal", false)) : signal)),

	REVIVES_WHAT_WAS_FATAL(MutantTamper.after((before, signal,
			after) -> (after.afterClose instanceof AfterClose.Drop) ? with(after, "afterClose",
					new AfterClose.Drop(after.since, after.options.restartPolicy().reviveAfter())) : after)),

	REVIVES_LATER_FOR_A_SLOW_CLOSE(
			MutantTamper.before((machine,
					signal) -> (machine.afterClose instanceof AfterClose.Drop drop) ? with(machine, "afterClose",
							new AfterClose.Drop(drop.crashed().plus(1), drop.reviveAfter())) : machine)),

	TIMES_A_CRASH_WHEN_IT_IS_TOLD((machine, signal, now) -> machine
		.on((signal instanceof Signal.Threw threw) ? with(threw, "exited", now.nanos()) : signal, now)),

	TIMES_A_FAILED_CREATE_WHEN_IT_IS_TOLD((machine, signal, now) -> machine
		.on((signal instanceof Signal.CreateFailed failed) ? with(failed, "exited", now.nanos()) : signal, now)),

	NEVER_REVIVES(policy((policy) -> with(policy, "reviveAfter", null))),

	WAITS_LONGER_THAN_MAX_DELAY(backoff((backoff) -> new Backoff(backoff.delay(), backoff.multiplier(),
			backoff.maxDelay().plusMillis(1).multipliedBy(2), backoff.jitter()))),

	WAITS_LONGER_WITH_EACH_ERROR_THAN_IT_SHALL(
			backoff((backoff) -> with(backoff, "multiplier", backoff.multiplier() + 1))),

	DOES_NOT_WAIT(backoff((backoff) -> Backoff.none())),

	RESTARTS_WHAT_RETURNED(policy((policy) -> with(policy, "mode", RestartMode.ALWAYS))),

	FINISHES_WHAT_SHALL_ALWAYS_RUN(policy(
			(policy) -> (policy.mode() == RestartMode.ALWAYS) ? with(policy, "mode", RestartMode.ON_FAILURE) : policy)),

	SHOWS_AN_OLD_DECISION(
			MutantTamper.after((before, signal, after) -> past(after, "lastDecision", before.past.lastDecision()))),

	SHOWS_THE_WRONG_TIME(MutantTamper
		.after((before, signal, after) -> with(after, "since", Moment.of(after.since.nanos(), Instant.EPOCH)))),

	// G10: closing and abandoning

	GIVES_NO_SECOND_WAIT(
			MutantTamper.before((machine, signal) -> (in(machine, CLOSING) && is(signal, Signal.TimerFired.class))
					? with(machine, "progress", machine.progress.withInterrupt()) : machine)),

	NEVER_ABANDONS(MutantTamper.deafTo((machine, signal) -> in(machine, CLOSING) && machine.progress.interrupted()
			&& is(signal, Signal.TimerFired.class))),

	REPLACES_WHAT_LIVES(MutantTamper.options((options) -> with(options, "replaceAbandoned", true))),

	NEVER_REPLACES_WHAT_LIVES(MutantTamper.options((options) -> with(options, "replaceAbandoned", false))),

	WAITS_FOR_WHAT_AN_OPERATOR_GIVES_UP(
			MutantTamper.deafTo((machine, signal) -> machine.isOverdue() && is(signal, Signal.Restart.class))),

	WAITS_FOR_WHAT_IS_OVERDUE_AT_THE_END(
			MutantTamper.deafTo((machine, signal) -> machine.isOverdue() && is(signal, Signal.Terminate.class))),

	NEVER_COUNTS_DOWN_WHAT_WAS_ABANDONED(MutantTamper.deafTo((machine,
			signal) -> (signal instanceof Signal.OfIncarnation of) && of.incarnation() < machine.incarnation)),

	TAKES_THE_LATE_FOR_THE_LIVING(MutantTamper.mishearing((machine,
			signal) -> (signal instanceof Signal.Threw threw && (in(machine, SERVING) || in(machine, STARTING))
					&& machine.progress.body() == Progress.Stage.SERVING)
							? with(threw, "incarnation", machine.incarnation) : signal)),

	WAITS_FOR_WHO_WAITS_FOR_IT(MutantTamper.deafTo((machine, signal) -> is(signal, Signal.AwaitsEnd.class))),

	LEAVES_BEHIND_WHO_WAITS_FOR_IT_NO_MORE(
			MutantTamper.deafTo((machine, signal) -> is(signal, Signal.AwaitsEndNoMore.class))),

	TAKES_THE_WAIT_OF_THE_CLOSE_FOR_THAT_OF_THE_BODY(MutantTamper
		.mishearing((machine, signal) -> (signal instanceof Signal.AwaitsEndNoMore returned && !returned.body())
				? with(returned, "body", true) : signal)),

	LEAVES_BEHIND_WHAT_IS_NOT_CLOSED(MutantTamper.mishearing(
			(machine, signal) -> (signal instanceof Signal.AwaitsEnd awaits) ? with(awaits, "close", true) : signal)),

	LEAVES_BEHIND_WHAT_STILL_SERVES(MutantTamper.mishearing(
			(machine, signal) -> (signal instanceof Signal.AwaitsEnd awaits) ? with(awaits, "body", true) : signal)),

	LEAVES_BEHIND_WHAT_AN_OPERATOR_STOPPED(
			MutantTamper.before((machine, signal) -> (in(machine, CLOSING) && is(signal, Signal.AwaitsEnd.class))
					? with(machine, "terminating", true) : machine)),

	DOES_NOT_INTERRUPT(MutantTamper.leavingOut(Action.Interrupt.class::isInstance)),

	CLOSES_WITH_THE_WRONG_TIMEOUT(
			MutantTamper.options((options) -> with(options, "closeTimeout", options.closeTimeout().plusNanos(1)))),

	GIVES_UP_ON_AN_INNER_BROKER_THAT_STILL_CLOSES(
			MutantTamper.before((machine, signal) -> (in(machine, CLOSING) && is(signal, Signal.TimerFired.class))
					? with(machine, "inner", new Inner(machine.inner.abandoned(), false)) : machine)),

	WAITS_FOR_AN_INNER_BROKER_THAT_IS_OVER(
			MutantTamper.mishearing((machine, signal) -> (signal instanceof Signal.InnerChanged changed)
					? with(changed, "inner", new Inner(changed.inner().abandoned(), true)) : signal)),

	OVERLOOKS_WHAT_AN_INNER_BROKER_GAVE_UP_ON(
			MutantTamper.mishearing((machine, signal) -> (signal instanceof Signal.InnerChanged changed)
					? with(changed, "inner", new Inner(0, changed.inner().closing())) : signal)),

	FORGETS_WHAT_OUTLIVES_AN_INNER_BROKER(
			MutantTamper.before((machine, signal) -> (in(machine, CLOSING) && is(signal, Signal.Closed.class))
					? with(machine, "inner", Inner.NONE) : machine)),

	NEVER_COUNTS_DOWN_WHAT_OUTLIVED_AN_INNER_BROKER(MutantTamper.deafTo((machine,
			signal) -> (signal instanceof Signal.InnerChanged changed) && !machine.isCurrent(changed.incarnation()))),

	LOSES_WHAT_IS_HANDED_OVER(MutantTamper.deafTo((machine, signal) -> is(signal, Signal.TakeOver.class))),

	HANDS_NOTHING_OVER(MutantTamper.leavingOut(Action.HandOver.class::isInstance)),

	TELLS_NOBODY_OF_A_CHANGE(MutantTamper.leavingOut(Action.TellChange.class::isInstance)),

	// G25: what is admitted, what bars, and what is evicted

	LAUNCHES_WITHOUT_ASKING_WHEN_THE_BROKER_BEGINS(
			MutantTamper.passingTheGate((machine, signal) -> is(signal, Signal.Begin.class))),

	LAUNCHES_WITHOUT_ASKING_AFTER_A_START(
			MutantTamper.passingTheGate((machine, signal) -> is(signal, Signal.Start.class))),

	LAUNCHES_WITHOUT_ASKING_AFTER_A_BACKOFF(MutantTamper
		.passingTheGate((machine, signal) -> in(machine, BACKOFF) && is(signal, Signal.TimerFired.class))),

	LAUNCHES_WITHOUT_ASKING_AFTER_A_RESTART_IN_BACKOFF(
			MutantTamper.passingTheGate((machine, signal) -> in(machine, BACKOFF) && is(signal, Signal.Restart.class))),

	LAUNCHES_WITHOUT_ASKING_AFTER_NO_BACKOFF(
			MutantTamper.passingTheGate((machine, signal) -> in(machine, CLOSING) && goes(machine, false))),

	LAUNCHES_WITHOUT_ASKING_AFTER_A_FAILED_CREATE(
			MutantTamper.passingTheGate((machine, signal) -> is(signal, Signal.CreateFailed.class))),

	LAUNCHES_WITHOUT_ASKING_AFTER_A_RESTART_WHILE_CLOSING(
			MutantTamper.passingTheGate((machine, signal) -> in(machine, CLOSING) && goes(machine, true))),

	LAUNCHES_WITHOUT_ASKING_AFTER_AN_EVICTION(
			MutantTamper.passingTheGate((machine, signal) -> in(machine, CLOSING) && isEvicted(machine))),

	LAUNCHES_WITHOUT_ASKING_WHEN_REVIVED(MutantTamper
		.passingTheGate((machine, signal) -> in(machine, DROPPED) && is(signal, Signal.TimerFired.class))),

	TAKES_AN_ADMISSION_FOR_A_LASTING_ONE(MutantTamper.after((before, signal,
			after) -> (in(before, WAITING) && in(after, STARTING)) ? with(after, "question", -1) : after)),

	OBEYS_AN_ADMISSION_OF_AN_EARLIER_QUESTION(
			MutantTamper.mishearing((machine, signal) -> (signal instanceof Signal.Admit admission)
					? with(admission, "question", machine.question) : signal)),

	OBEYS_A_BAR_OF_AN_EARLIER_QUESTION(MutantTamper.mishearing((machine, signal) -> (signal instanceof Signal.Bar bar)
			? with(bar, "question", machine.question) : signal)),

	FORGETS_TO_ASK(MutantTamper.leavingOut(Action.Ask.class::isInstance)),

	ASKS_TWICE(MutantTamper.doingTwice(Action.Ask.class::isInstance)),

	ASKS_WITH_THE_SAME_NUMBER_AGAIN(
			MutantTamper.before((machine, signal) -> in(machine, WAITING) ? machine : with(machine, "question", 0))),

	ASKS_AS_IF_NO_OPERATOR_HAD_ASKED(MutantTamper
		.wanting((action) -> Stream.of((action instanceof Action.Ask ask) ? with(ask, "requested", false) : action))),

	ASKS_FOR_AN_OPERATOR_AFTER_AN_EVICTION(
			MutantTamper.before((machine, signal) -> (in(machine, CLOSING) && isEvicted(machine))
					? with(machine, "afterClose", new AfterClose.Relaunch(true, false, true)) : machine)),

	FORGETS_TO_WITHDRAW(MutantTamper.leavingOut(Action.Withdraw.class::isInstance)),

	WITHDRAWS_TWICE(MutantTamper.doingTwice(Action.Withdraw.class::isInstance)),

	WITHDRAWS_WHAT_WAS_ADMITTED((machine, signal, now) -> {
		Step step = machine.on(signal, now);
		if (!in(machine, WAITING) || !in(step.machine(), STARTING)) {
			return step;
		}
		List<Action> actions = new ArrayList<>(step.actions());
		actions.add(new Action.Withdraw(machine.question));
		return Step.of(step.machine(), actions);
	}),

	LAUNCHES_WHAT_WAITS_WHEN_AN_OPERATOR_RESTARTS_IT(
			MutantTamper.mishearing((machine, signal) -> (in(machine, WAITING) && is(signal, Signal.Restart.class))
					? new Signal.Admit(machine.question) : signal)),

	LAUNCHES_WHAT_WAITS_WHEN_AN_OPERATOR_STARTS_IT(
			MutantTamper.mishearing((machine, signal) -> (in(machine, WAITING) && is(signal, Signal.Start.class))
					? new Signal.Admit(machine.question) : signal)),

	FORGETS_A_RESTART_WHILE_IT_WAITS(
			MutantTamper.deafTo((machine, signal) -> in(machine, WAITING) && is(signal, Signal.Restart.class))),

	FORGETS_A_STOP_WHILE_IT_WAITS(
			MutantTamper.deafTo((machine, signal) -> in(machine, WAITING) && is(signal, Signal.Stop.class))),

	WAITS_ON_WHEN_THE_END_IS_ANNOUNCED(MutantTamper
		.deafTo((machine, signal) -> in(machine, WAITING) && is(signal, Signal.AnnounceTermination.class))),

	WAITS_ON_WHEN_TERMINATED(
			MutantTamper.deafTo((machine, signal) -> in(machine, WAITING) && is(signal, Signal.Terminate.class))),

	SHOWS_WHAT_BARRED_IT_BEFORE(MutantTamper.after((before, signal,
			after) -> (in(after, WAITING) && barredBy(after) == null) ? showing(after, barredBy(before)) : after)),

	SHOWS_NOTHING_OF_WHAT_BARS_IT(MutantTamper.after((before, signal, after) -> showing(after, null))),

	COUNTS_WHAT_BARS_AS_AN_ERROR(
			MutantTamper.after((before, signal, after) -> (is(signal, Signal.Bar.class) && in(before, WAITING))
					? past(after, "consecutiveErrors", after.past.consecutiveErrors() + 1) : after)),

	TAKES_NO_ERROR_BACK(MutantTamper
		.mishearing((machine, signal) -> (signal instanceof Signal.Bar bar) ? with(bar, "explains", false) : signal)),

	TAKES_AN_ERROR_BACK_THAT_NOTHING_EXPLAINS(MutantTamper
		.mishearing((machine, signal) -> (signal instanceof Signal.Bar bar) ? with(bar, "explains", true) : signal)),

	TAKES_AN_ERROR_BACK_TWICE(
			MutantTamper.after((before, signal, after) -> is(signal, Signal.Bar.class) ? explainable(after) : after)),

	TAKES_BACK_WHAT_WAS_NO_ERROR(MutantTamper.after((before, signal,
			after) -> (after.past.lastCrash() == null || in(before, WAITING)) ? after : explainable(after))),

	TAKES_AN_EARLIER_ERROR_BACK_AFTER_AN_EVICTION(MutantTamper.after((before, signal,
			after) -> (in(before, CLOSING) && isEvicted(before) && in(after, WAITING) && after.past.endedInError())
					? explainable(after) : after)),

	TAKES_AN_ERROR_BACK_AND_DOES_NOT_SAY_WHY(MutantTamper.after((before, signal, after) -> is(signal, Signal.Bar.class)
			? past(after, "lastDecision", before.past.lastDecision()) : after)),

	EVICTS_WHATEVER_LIVES(MutantTamper.mishearing((machine, signal) -> (signal instanceof Signal.Evict eviction)
			? with(eviction, "incarnation", machine.incarnation) : signal)),

	EVICTS_NOTHING(MutantTamper.deafTo((machine, signal) -> is(signal, Signal.Evict.class))),

	EVICTS_WHAT_STARTS_TOO_LATE(
			MutantTamper.deafTo((machine, signal) -> is(signal, Signal.Evict.class) && in(machine, STARTING))),

	EVICTS_AFTER_THE_ANNOUNCEMENT(MutantTamper
		.before((machine, signal) -> is(signal, Signal.Evict.class) ? with(machine, "announced", false) : machine)),

	FORGIVES_WHAT_IT_EVICTS(evicting(new AfterClose.Relaunch(true, true, false))),

	COUNTS_NO_RESTART_AFTER_AN_EVICTION(evicting(new AfterClose.Relaunch(false, false, false))),

	LAUNCHES_NOTHING_AFTER_AN_EVICTION(evicting(AfterClose.REST)),

	COUNTS_AN_EVICTION_AS_AN_ERROR(MutantTamper
		.after((before, signal, after) -> (is(signal, Signal.Evict.class) && in(after, CLOSING) && !in(before, CLOSING))
				? past(after, "consecutiveErrors", before.past.consecutiveErrors() + 1) : after)),

	EVICTS_WHAT_AN_OPERATOR_STOPPED(
			MutantTamper.after((before, signal, after) -> (is(signal, Signal.Evict.class) && in(before, CLOSING))
					? with(after, "afterClose", new AfterClose.Relaunch(true, false, false)) : after)),

	// G9: what requests that wait come to

	LOSES_THE_LAST_REQUEST(SimulatedMachine.SOUND) {
		@Override
		public Signal join(Signal earlier, Signal later) {
			return earlier;
		}
	},

	FORGETS_WHAT_CAME_BEFORE_THE_LAST_REQUEST(SimulatedMachine.SOUND) {
		@Override
		public Signal join(Signal earlier, Signal later) {
			return later;
		}
	},

	STARTS_WHAT_WAS_STOPPED_LAST(SimulatedMachine.SOUND) {
		@Override
		public Signal join(Signal earlier, Signal later) {
			return is(later, Signal.Stop.class) && is(earlier, Signal.Restart.class)
					? new Signal.StopThen(new Signal.Restart()) : super.join(earlier, later);
		}
	},

	CARRIES_JOINED_REQUESTS_OUT_BACKWARDS(SimulatedMachine.SOUND) {
		@Override
		public List<Signal> inOrder(Signal joined) {
			List<Signal> backwards = new ArrayList<>(super.inOrder(joined));
			Collections.reverse(backwards);
			return backwards;
		}
	},

	// G11: how it ends

	ENDS_THOUGH_A_REVIVAL_IS_DUE(SimulatedMachine.SOUND) {
		@Override
		public boolean hasEnded(EndpointMachine machine) {
			return in(machine, FINISHED) || in(machine, DROPPED);
		}
	},

	ENDS_WHEN_ALL_ARE_STOPPED(SimulatedMachine.SOUND) {
		@Override
		public boolean hasEnded(EndpointMachine machine) {
			return machine.hasEnded() || in(machine, STOPPED);
		}
	},

	ENDS_THOUGH_SOME_WAIT(SimulatedMachine.SOUND) {
		@Override
		public boolean hasEnded(EndpointMachine machine) {
			return machine.hasEnded() || in(machine, WAITING);
		}
	},

	ENDS_THOUGH_SOME_NEVER_BEGAN(SimulatedMachine.SOUND) {
		@Override
		public boolean hasEnded(EndpointMachine machine) {
			return machine.hasEnded() || in(machine, REGISTERED);
		}
	},

	GOES_ON_WITHOUT_ENDPOINTS(SimulatedMachine.SOUND) {
		@Override
		public boolean hasEnded(EndpointMachine machine) {
			return in(machine, DROPPED) && machine.hasEnded();
		}
	},

	IS_OVER_BEFORE_THE_LAST_IS_CLOSED(SimulatedMachine.SOUND) {
		@Override
		public boolean isOver(EndpointMachine machine) {
			return machine.terminating;
		}
	},

	WAITS_FOR_THE_ABANDONED(SimulatedMachine.SOUND) {
		@Override
		public boolean isOver(EndpointMachine machine) {
			return machine.isOver() && machine.abandoned.isEmpty();
		}
	},

	ACCEPTS_A_START_WHILE_IT_WAITS(SimulatedMachine.SOUND) {
		@Override
		public boolean mayStart(EndpointMachine machine) {
			return machine.mayStart() || in(machine, WAITING);
		}
	},

	REFUSES_A_START_WHILE_STOPPING(SimulatedMachine.SOUND) {
		@Override
		public boolean mayStart(EndpointMachine machine) {
			return machine.mayStart() && !in(machine, CLOSING);
		}
	},

	ACCEPTS_A_START_THAT_WAITS_FOR_WHAT_IS_OVERDUE(SimulatedMachine.SOUND) {
		@Override
		public boolean mayStart(EndpointMachine machine) {
			return machine.mayStart() || (machine.isOverdue() && machine.afterClose instanceof AfterClose.Rest);
		}
	};

	private final SimulatedMachine brain;

	Mutant(SimulatedMachine brain) {
		this.brain = brain;
	}

	@Override
	public Step on(EndpointMachine machine, Signal signal, Moment now) {
		return this.brain.on(machine, signal, now);
	}

	private static boolean in(EndpointMachine machine, EndpointState state) {
		return machine.state == state;
	}

	private static boolean is(Signal signal, Class<?> type) {
		return type.isInstance(signal);
	}

	/** It will be launched at once: because an operator wants it, or by itself. */
	private static boolean goes(EndpointMachine closing, boolean requested) {
		return requested ? closing.afterClose instanceof AfterClose.Relaunch relaunch && relaunch.requested()
				: closing.afterClose instanceof AfterClose.Retry;
	}

	private static boolean isEvicted(EndpointMachine closing) {
		return closing.afterClose instanceof AfterClose.Relaunch relaunch && !relaunch.requested();
	}

	private static SimulatedMachine evicting(AfterClose wrong) {
		return MutantTamper.after((before, signal,
				after) -> (is(signal, Signal.Evict.class) && in(after, CLOSING) && !in(before, CLOSING))
						? with(after, "afterClose", wrong) : after);
	}

	private static String barredBy(EndpointMachine machine) {
		return (machine.afterClose instanceof AfterClose.Launch launch) ? launch.barredBy() : null;
	}

	private static EndpointMachine showing(EndpointMachine machine, String barredBy) {
		return (machine.afterClose instanceof AfterClose.Launch launch)
				? with(machine, "afterClose", launch.barred(barredBy)) : machine;
	}

	/** The next bar may take back an error, if there is one to take back. */
	private static EndpointMachine explainable(EndpointMachine machine) {
		return (machine.afterClose instanceof AfterClose.Launch launch && in(machine, WAITING)
				&& machine.past.consecutiveErrors() > 0)
						? with(machine, "afterClose", AfterClose.Launch.of(launch.restart(), true, launch.requested()))
						: machine;
	}

	private static EndpointMachine past(EndpointMachine machine, String component, Object value) {
		return with(machine, "past", with(machine.past, component, value));
	}

	private static CrashEntry decidedOtherwise(Action.TellCrash tell) {
		CrashSummary right = tell.crash().summary();
		UnwordedDecision wrong = RestartPolicy.defaults().unwordedAfterCrash(right.served(), 0, !right.dropped(), 0);
		return new CrashEntry(right.factoryId(), tell.failure(), right.incarnation(), right.phase(),
				Moment.of(0, right.at()), wrong);
	}

	private static Failure error(boolean fatal) {
		return new Failure(new IllegalStateException("returned"), "returned", null, fatal, Fingerprint.of(List.of()));
	}

	private static SimulatedMachine policy(UnaryOperator<RestartPolicy> wrong) {
		return MutantTamper.options((options) -> with(options, "restartPolicy", wrong.apply(options.restartPolicy())));
	}

	private static SimulatedMachine backoff(UnaryOperator<Backoff> wrong) {
		return policy((policy) -> with(policy, "backoff", wrong.apply(policy.backoff())));
	}

	private static RestartPolicy allowing(RestartPolicy policy, int more) {
		int allowed = policy.allowedConsecutiveErrors();
		return (allowed == RestartPolicy.UNLIMITED) ? policy
				: with(policy, "allowedConsecutiveErrors", Math.max(1, allowed + more));
	}

}
