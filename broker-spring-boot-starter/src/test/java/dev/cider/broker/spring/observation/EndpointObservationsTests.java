package dev.cider.broker.spring.observation;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

import dev.cider.broker.CrashPhase;
import dev.cider.broker.CrashSummary;
import dev.cider.broker.EndpointChange;
import dev.cider.broker.EndpointCrashReport;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import dev.cider.broker.Termination;
import dev.cider.broker.restart.RestartDecision;
import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What becomes an observation, when it begins and ends, and that every one ends.
 */
class EndpointObservationsTests {

	private static final Instant START = Instant.parse("2026-11-30T15:00:00Z");

	private static final IOException BOOM = new IOException("boom");

	private final Recording recording = new Recording();

	private final ObservationRegistry registry = ObservationRegistry.create();

	private final List<EndpointObservationContext> recoveries = new ArrayList<>();

	private final EndpointObservations observations = new EndpointObservations(this.registry,
			new DefaultEndpointObservationConvention(), List.of(this.recoveries::add), () -> nanos(this.second));

	private EndpointSnapshot shown = EndpointSnapshot.registered("tcp", START, nanos(0));

	/** By the clock of the endpoint, not of the monitor. */
	private long second;

	EndpointObservationsTests() {
		this.registry.observationConfig().observationHandler(this.recording);
	}

	/** Overflows soon, as it may. */
	private static long nanos(long second) {
		return Long.MAX_VALUE - 1 + Duration.ofSeconds(second).toNanos();
	}

	private static Instant at(long second) {
		return START.plusSeconds(second);
	}

	private EndpointSnapshot snapshot(EndpointState state, long incarnation, long crashes, int abandoned) {
		CrashSummary crash = (crashes == 0) ? null : new CrashSummary("tcp", false, BOOM.getClass().getName(), "boom",
				incarnation, CrashPhase.SERVE, at(this.second), Duration.ZERO, 1, "restart");
		Instant next = (state == EndpointState.BACKOFF) ? at(this.second).plusMillis(400) : null;
		return new EndpointSnapshot("tcp", state, at(this.second), incarnation, incarnation, 0, crashes, 0, 0,
				abandoned, next, crash, null, nanos(this.second));
	}

	private EndpointChange becomes(EndpointState state, long incarnation, long crashes, int abandoned) {
		EndpointSnapshot before = this.shown;
		this.second++;
		this.shown = snapshot(state, incarnation, crashes, abandoned);
		return new EndpointChange(before, this.shown);
	}

	/** The endpoint changes; a second passes. */
	private EndpointChange becomes(EndpointState state) {
		long incarnation = this.shown.incarnation() + ((state == EndpointState.STARTING) ? 1 : 0);
		return becomes(state, incarnation, this.shown.crashes(), this.shown.abandoned());
	}

	private void tell(EndpointState... states) {
		Stream.of(states).forEach((state) -> this.observations.changed(becomes(state)));
	}

	private void crash(EndpointState next) {
		crash(BOOM, next);
	}

	private void crash(Throwable error, EndpointState next) {
		this.observations
			.crashed(new EndpointCrashReport("tcp", false, error, this.shown.incarnation(), CrashPhase.SERVE,
					at(this.second + 1), Duration.ZERO, 1, new RestartDecision.Restart(Duration.ZERO, 1, "restart")));
		crashWithoutReport(next);
	}

	private void crashWithoutReport(EndpointState next) {
		this.observations
			.changed(becomes(next, this.shown.incarnation(), this.shown.crashes() + 1, this.shown.abandoned()));
	}

	private static String value(EndpointObservationContext context, String key) {
		KeyValue value = context.getLowCardinalityKeyValue(key);
		return (value != null) ? value.getValue() : "absent";
	}

	private List<String> stopped() {
		return this.recording.stopped.stream()
			.map((context) -> context.getContextualName() + " " + value(context, "outcome") + " "
					+ Duration.between(START, context.began()).toSeconds() + "-"
					+ Duration.between(START, context.ended()).toSeconds())
			.toList();
	}

	/** As the meters do: {@code future.get()} says nothing else of what failed. */
	@Test
	void anExceptionThatAFutureHasWrappedHasItsOwnName() {
		tell(EndpointState.STARTING);
		Exception wrapper = new ExecutionException(BOOM);
		crash(wrapper, EndpointState.BACKOFF);
		assertThat(value(this.recording.stopped.get(0), "exception")).isEqualTo("IOException");
		assertThat(this.recording.stopped.get(0).getError()).isSameAs(wrapper);
	}

	@Test
	void aRecoveryIsOneObservationInWhichBackoffsAttemptsAndCrashesAreEvents() {
		tell(EndpointState.STARTING, EndpointState.SERVING);
		crash(EndpointState.CLOSING);
		tell(EndpointState.BACKOFF, EndpointState.STARTING);
		crash(EndpointState.BACKOFF);
		tell(EndpointState.STARTING, EndpointState.SERVING);
		assertThat(stopped()).containsExactly("start tcp ready 1-2", "close tcp closed 3-4", "start tcp crashed 5-6",
				"start tcp ready 7-8", "recovery tcp ready 3-8");
		EndpointObservationContext recovery = this.recording.last();
		assertThat(recovery.getName()).isEqualTo("broker.endpoint.recovery");
		assertThat(recovery.getLowCardinalityKeyValues()).containsExactlyInAnyOrder(KeyValue.of("endpoint", "tcp"),
				KeyValue.of("phase", "SERVE"), KeyValue.of("outcome", "ready"),
				KeyValue.of("exception", "IOException"));
		assertThat(recovery.getHighCardinalityKeyValues()).containsExactly(KeyValue.of("incarnation", "1"));
		assertThat(recovery.getError()).isSameAs(BOOM);
		assertThat(recovery.down()).isEqualTo(Duration.ofSeconds(5));
		assertThat(this.recording.events).containsExactly("4: backoff of 400 ms", "5: attempt: incarnation 2",
				"6: crash of incarnation 2 in phase SERVE: IOException", "6: backoff of 400 ms",
				"7: attempt: incarnation 3");
		assertThat(this.recording.stopped.subList(1, 4))
			.allSatisfy((child) -> assertThat(child.getParentObservation().getContextView()).isSameAs(recovery));
		assertThat(this.recoveries).containsExactly(recovery);
		assertThat(this.observations.remembered()).isZero();
	}

	/**
	 * An endpoint may be restarted without limit, and a span keeps its events in memory.
	 */
	@Test
	void aRecoveryHasOnlyItsFirstHundredEvents() {
		tell(EndpointState.STARTING, EndpointState.SERVING);
		for (int attempt = 2; attempt <= 100; attempt++) {
			crash(EndpointState.BACKOFF);
			tell(EndpointState.STARTING);
		}
		tell(EndpointState.SERVING);
		// Two of the first attempt, three of each further one
		assertThat(this.recording.events).hasSize(EndpointObservations.EVENT_LIMIT)
			.startsWith("3: backoff of 400 ms", "4: attempt: incarnation 2")
			.endsWith("69: crash of incarnation 34 in phase SERVE: IOException", "69: backoff of 400 ms");
		assertThat(stopped()).endsWith("recovery tcp ready 3-201");
		crash(EndpointState.BACKOFF);
		tell(EndpointState.STARTING, EndpointState.SERVING);
		assertThat(this.recording.events).as("of the next recovery too").hasSize(EndpointObservations.EVENT_LIMIT + 2);
	}

	/** As the meters do. */
	@Test
	void anExceptionOfAnAnonymousClassHasItsFullName() {
		tell(EndpointState.STARTING);
		IOException anonymous = new IOException("boom") {
		};
		crash(anonymous, EndpointState.BACKOFF);
		assertThat(value(this.recording.stopped.get(0), "exception")).isEqualTo(anonymous.getClass().getName());
	}

	@ParameterizedTest
	@CsvSource({ "STOPPED, stopped", "FINISHED, finished", "DROPPED, dropped" })
	void aRecoveryThatDoesNotGetReadyEndsWithAnOutcome(EndpointState state, String outcome) {
		tell(EndpointState.STARTING, EndpointState.SERVING);
		crash(EndpointState.CLOSING);
		tell(EndpointState.BACKOFF, state);
		assertThat(stopped()).endsWith("recovery tcp " + outcome + " 3-5");
		assertThat(this.recoveries).isEmpty();
	}

	@Test
	void theEndOfTheBrokerEndsWhatIsObserved() {
		tell(EndpointState.STARTING, EndpointState.SERVING);
		crash(EndpointState.CLOSING);
		this.second = 9;
		this.observations.terminated(new Termination(List.of()));
		assertThat(stopped()).endsWith("close tcp terminated 3-9", "recovery tcp terminated 3-9");
		assertThat(this.observations.remembered()).isZero();
	}

	/** The monitor did not keep up: some changes are never told. */
	@Test
	void whatEndedUnseenIsLost() {
		tell(EndpointState.STARTING, EndpointState.SERVING);
		crash(EndpointState.CLOSING);
		becomes(EndpointState.STARTING);
		becomes(EndpointState.SERVING);
		tell(EndpointState.CLOSING);
		assertThat(stopped()).endsWith("close tcp lost 3-5", "recovery tcp lost 3-5");
		assertThat(this.recoveries).isEmpty();
		tell(EndpointState.STOPPED);
		assertThat(stopped()).endsWith("close tcp closed 6-7");
		assertThat(this.observations.remembered()).isZero();
	}

	@Test
	void aStartAfterADropBeginsARecoveryThatKnowsTheWholeOutage() {
		tell(EndpointState.STARTING, EndpointState.SERVING);
		crash(EndpointState.CLOSING);
		tell(EndpointState.DROPPED);
		assertThat(this.observations.remembered()).isOne();
		tell(EndpointState.STARTING, EndpointState.SERVING);
		assertThat(stopped()).contains("recovery tcp dropped 3-4").endsWith("recovery tcp ready 5-6");
		assertThat(this.recoveries).extracting(EndpointObservationContext::down).containsExactly(Duration.ofSeconds(3));
		assertThat(this.observations.remembered()).isZero();
	}

	@Test
	void anOperatorsStartAfterAStopIsNoRecovery() {
		tell(EndpointState.STARTING);
		crash(EndpointState.CLOSING);
		tell(EndpointState.STOPPED, EndpointState.STARTING, EndpointState.SERVING);
		assertThat(stopped()).containsExactly("start tcp crashed 1-2", "close tcp closed 2-3",
				"recovery tcp stopped 2-3", "start tcp ready 4-5");
		assertThat(this.recoveries).isEmpty();
	}

	@Test
	void aStartThatIsClosedBeforeItIsReadySaysSo() {
		tell(EndpointState.STARTING, EndpointState.CLOSING, EndpointState.STOPPED);
		assertThat(stopped()).containsExactly("start tcp closed 1-2", "close tcp closed 2-3");
	}

	@Test
	void aCloseThatIsAbandonedSaysSo() {
		tell(EndpointState.STARTING, EndpointState.SERVING, EndpointState.CLOSING);
		this.observations.changed(becomes(EndpointState.STOPPED, 1, 0, 1));
		assertThat(stopped()).endsWith("close tcp abandoned 3-4");
		this.observations.changed(becomes(EndpointState.STOPPED, 1, 0, 0));
		assertThat(this.observations.remembered()).isZero();
	}

	/** As {@code group/member}, it counts in the group, which itself closes in time. */
	@Test
	void aGroupThatAbandonsOnlyAMemberIsClosed() {
		tell(EndpointState.STARTING, EndpointState.SERVING, EndpointState.CLOSING);
		this.observations.changed(becomes(EndpointState.CLOSING, 1, 0, 1));
		tell(EndpointState.STOPPED);
		assertThat(stopped()).endsWith("close tcp closed 3-5");
	}

	@Test
	void aCloseThatIsOverdueIsAbandonedAlthoughTheEndpointWaitsForIt() {
		tell(EndpointState.STARTING, EndpointState.SERVING, EndpointState.CLOSING);
		EndpointSnapshot before = this.shown;
		this.shown = new EndpointSnapshot("tcp", EndpointState.CLOSING, before.since(), 1, 1, 0, 0, 0, 0, 1, null, null,
				null, "incarnation 1 to end", before.sinceNanos());
		this.observations.changed(new EndpointChange(before, this.shown));
		this.observations.changed(becomes(EndpointState.STOPPED, 1, 0, 1));
		assertThat(stopped()).endsWith("close tcp abandoned 3-4");
	}

	@Test
	void theExceptionIsKnownEvenIfTheReportIsLost() {
		tell(EndpointState.STARTING);
		crashWithoutReport(EndpointState.BACKOFF);
		tell(EndpointState.STOPPED);
		EndpointObservationContext recovery = this.recording.last();
		assertThat(value(recovery, "exception")).isEqualTo("IOException");
		assertThat(recovery.getError()).isNull();
	}

	@Test
	void aReportWhoseChangeIsLostIsForgottenWithTheNextChange() {
		tell(EndpointState.STARTING, EndpointState.SERVING);
		EndpointSnapshot before = this.shown;
		crash(EndpointState.CLOSING);
		this.shown = before;
		tell(EndpointState.CLOSING, EndpointState.STOPPED);
		assertThat(this.observations.remembered()).isZero();
	}

	/** A broken handler must not cost a recovery. */
	@ParameterizedTest
	@EnumSource(Fault.class)
	void aHandlerThatThrowsChangesNothingElse(Fault fault) {
		this.registry.observationConfig().observationHandler(new Broken(fault));
		tell(EndpointState.STARTING, EndpointState.SERVING);
		crash(EndpointState.CLOSING);
		tell(EndpointState.BACKOFF, EndpointState.STARTING, EndpointState.SERVING);
		assertThat(this.recoveries).extracting(EndpointObservationContext::down).containsExactly(Duration.ofSeconds(3));
		assertThat(this.observations.remembered()).isZero();
	}

	@Test
	void withoutHandlersRecoveriesAreStillTold() {
		EndpointObservations unseen = new EndpointObservations(ObservationRegistry.NOOP,
				new DefaultEndpointObservationConvention(), List.of(this.recoveries::add));
		unseen.changed(becomes(EndpointState.STARTING));
		unseen.changed(becomes(EndpointState.SERVING));
		unseen.changed(becomes(EndpointState.CLOSING, 1, 1, 0));
		unseen.changed(becomes(EndpointState.STARTING, 2, 1, 0));
		unseen.changed(becomes(EndpointState.SERVING));
		assertThat(this.recoveries).extracting(EndpointObservationContext::down).containsExactly(Duration.ofSeconds(2));
	}

	/** Random lives of which random events are lost. */
	@Test
	void everyObservationThatStartsStopsOnce() {
		long seed = Long.getLong("broker.seed", System.nanoTime());
		Random random = new Random(seed);
		for (int life = 0; life < 2000; life++) {
			Recording seen = new Recording();
			ObservationRegistry fresh = ObservationRegistry.create();
			fresh.observationConfig().observationHandler(seen);
			EndpointObservations monitor = new EndpointObservations(fresh, new DefaultEndpointObservationConvention(),
					List.of(), () -> nanos(this.second));
			this.shown = EndpointSnapshot.registered("tcp", START, nanos(0));
			for (int step = random.nextInt(40); step > 0; step--) {
				EndpointChange change = randomChange(random);
				if (random.nextInt(4) > 0) {
					monitor.changed(change);
				}
				assertThat(seen.started.size() - seen.stopped.size()).as("open, seed %s", seed).isBetween(0, 3);
			}
			monitor.terminated(new Termination(List.of()));
			assertThat(seen.stopped).as("stopped, seed %s", seed)
				.doesNotHaveDuplicates()
				.containsExactlyInAnyOrderElementsOf(seen.started);
			assertThat(seen.stopped).as("seed %s", seed).allSatisfy((context) -> {
				assertThat(value(context, "outcome")).isNotIn("none", "absent");
				assertThat(context.ended()).isAfterOrEqualTo(context.began());
			});
			assertThat(monitor.remembered()).as("seed %s", seed).isZero();
		}
	}

	private EndpointChange randomChange(Random random) {
		EndpointState next = switch (this.shown.state()) {
			case WAITING -> List.of(EndpointState.STARTING, EndpointState.STOPPED).get(random.nextInt(2));
			case REGISTERED, STOPPED, FINISHED, DROPPED, BACKOFF ->
				(this.shown.state() == EndpointState.BACKOFF && random.nextInt(4) == 0) ? EndpointState.STOPPED
						: (random.nextInt(4) == 0) ? EndpointState.WAITING : EndpointState.STARTING;
			case STARTING ->
				List.of(EndpointState.SERVING, EndpointState.CLOSING, EndpointState.BACKOFF).get(random.nextInt(3));
			case SERVING -> EndpointState.CLOSING;
			case CLOSING -> List.of(EndpointState.STOPPED, EndpointState.FINISHED, EndpointState.DROPPED,
					EndpointState.BACKOFF, EndpointState.STARTING, EndpointState.WAITING)
				.get(random.nextInt(6));
		};
		boolean crashes = next == EndpointState.BACKOFF && this.shown.state() == EndpointState.STARTING
				|| next == EndpointState.CLOSING && random.nextBoolean();
		long incarnation = this.shown.incarnation() + ((next == EndpointState.STARTING) ? 1 : 0);
		return becomes(next, incarnation, this.shown.crashes() + (crashes ? 1 : 0), 0);
	}

	/**
	 * Remembers what it is told.
	 */
	private static final class Recording implements ObservationHandler<EndpointObservationContext> {

		final List<EndpointObservationContext> started = new ArrayList<>();

		final List<EndpointObservationContext> stopped = new ArrayList<>();

		final List<String> events = new ArrayList<>();

		@Override
		public boolean supportsContext(Observation.Context context) {
			return context instanceof EndpointObservationContext;
		}

		@Override
		public void onStart(EndpointObservationContext context) {
			this.started.add(context);
		}

		@Override
		public void onEvent(Observation.Event event, EndpointObservationContext context) {
			this.events.add(Duration.between(START, Instant.ofEpochMilli(event.getWallTime())).toSeconds() + ": "
					+ event.getContextualName());
		}

		@Override
		public void onStop(EndpointObservationContext context) {
			this.stopped.add(context);
		}

		EndpointObservationContext last() {
			return this.stopped.get(this.stopped.size() - 1);
		}

	}

	private enum Fault {

		START, EVENT, ERROR, STOP

	}

	private record Broken(Fault fault) implements ObservationHandler<EndpointObservationContext> {

		@Override
		public boolean supportsContext(Observation.Context context) {
			return context instanceof EndpointObservationContext;
		}

		private void fail(Fault now) {
			if (now == this.fault) {
				throw new IllegalStateException("a broken handler");
			}
		}

		@Override
		public void onStart(EndpointObservationContext context) {
			fail(Fault.START);
		}

		@Override
		public void onEvent(Observation.Event event, EndpointObservationContext context) {
			fail(Fault.EVENT);
		}

		@Override
		public void onError(EndpointObservationContext context) {
			fail(Fault.ERROR);
		}

		@Override
		public void onStop(EndpointObservationContext context) {
			fail(Fault.STOP);
		}

	}

}
