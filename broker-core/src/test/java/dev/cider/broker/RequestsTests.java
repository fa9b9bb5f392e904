package dev.cider.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What requests that wait are joined to (G9): as few as possible, which lead where all of
 * them lead.
 */
class RequestsTests {

	private static final Signal.Request START = new Signal.Start();

	private static final Signal.Request STOP = new Signal.Stop();

	private static final Signal.Request RESTART = new Signal.Restart();

	private static Signal join(Signal first, Signal... more) {
		Signal joined = first;
		for (Signal next : more) {
			joined = Requests.join(joined, next);
		}
		return joined;
	}

	private static List<Signal> inOrder(Signal first, Signal... more) {
		return Requests.inOrder(join(first, more));
	}

	@Test
	void eachRequestIsKnownWhereRequestsAreJoinedAndJudged() {
		assertThat(Signal.Request.class.getPermittedSubclasses())
			.as("Requests.join, OracleCourse, OracleRequestBooks and SimulatedWorld know these and no others")
			.containsExactlyInAnyOrder(Signal.Start.class, Signal.Stop.class, Signal.Restart.class,
					Signal.StopThen.class);
	}

	@Test
	void tenThousandOfAKindAreOne() {
		for (Signal kind : List.of(START, STOP, RESTART)) {
			Signal joined = kind;
			for (int i = 0; i < 10_000; i++) {
				joined = Requests.join(joined, kind);
			}
			assertThat(joined).as("without a new object each").isSameAs(kind);
		}
	}

	@Test
	void aStopIsAllThatMattersOfWhatCameBefore() {
		assertThat(inOrder(START, STOP)).containsExactly(STOP);
		assertThat(inOrder(RESTART, STOP)).containsExactly(STOP);
		assertThat(inOrder(STOP, RESTART, STOP)).containsExactly(STOP);
	}

	@Test
	void afterAStopTheOthersBeginAnew() {
		assertThat(inOrder(STOP, START)).containsExactly(STOP, START);
		assertThat(inOrder(STOP, RESTART)).containsExactly(STOP, RESTART);
		assertThat(inOrder(STOP, START, RESTART, START)).containsExactly(STOP, RESTART);
	}

	@Test
	void aRestartLaunchesWhatAStartWould() {
		assertThat(inOrder(START, RESTART)).containsExactly(RESTART);
		assertThat(inOrder(RESTART, START)).containsExactly(RESTART);
	}

	@Test
	void whatWaitsAlreadyIsJoinedWithoutANewObject() {
		Signal waits = join(STOP, RESTART);
		assertThat(join(waits, RESTART)).isSameAs(waits);
		assertThat(join(waits, START)).isSameAs(waits);
	}

	@Test
	void nothingElseIsJoined() {
		for (Signal other : List.of(new Signal.Begin(), new Signal.Terminate(), new Signal.Created(1),
				new Signal.TimerFired(1, 0, false, 0))) {
			assertThat(Requests.join(other, STOP)).isNull();
			assertThat(Requests.join(STOP, other)).isNull();
			assertThat(Requests.inOrder(other)).containsExactly(other);
		}
	}

	@ParameterizedTest
	@EnumSource
	void joinedTheyLeadWhereTheyLeadOneAfterAnother(Situation situation) {
		sequences(4).forEach((requests) -> {
			PlayedMachine oneAfterAnother = situation.machine.get();
			requests.forEach(oneAfterAnother::tell);
			PlayedMachine joined = situation.machine.get();
			Signal all = requests.stream().reduce(Requests::join).orElseThrow();
			Requests.inOrder(all).forEach(joined::tell);
			assertThat(outcome(joined)).as(situation + ", " + requests).isEqualTo(outcome(oneAfterAnother));
		});
	}

	private static Stream<List<Signal>> sequences(int longest) {
		List<List<Signal>> all = new ArrayList<>(List.of(List.of()));
		IntStream.range(0, longest)
			.forEach((length) -> List.copyOf(all)
				.stream()
				.filter((sequence) -> sequence.size() == length)
				.forEach((sequence) -> Stream.of(START, STOP, RESTART)
					.forEach((next) -> all.add(Stream.concat(sequence.stream(), Stream.of(next)).toList()))));
		return all.stream().filter((sequence) -> !sequence.isEmpty());
	}

	/** When what is being closed has ended. */
	private static List<Object> outcome(PlayedMachine played) {
		while (played.machine().state == EndpointState.CLOSING) {
			Progress run = played.machine().progress;
			long incarnation = played.machine().incarnation;
			if (run.body() == Progress.Stage.CREATING) {
				played.createFailed(incarnation);
			}
			else if (run.body() == Progress.Stage.SERVING) {
				played.returned(incarnation);
			}
			else {
				played.closed(incarnation);
			}
		}
		EndpointMachine settled = played.machine();
		boolean waits = settled.state == EndpointState.WAITING;
		// What does neither run nor wait begins with a clean count, whatever starts it.
		int errors = (settled.progress != null || waits) ? settled.past.consecutiveErrors() : 0;
		AfterClose next = waits ? settled.afterClose : AfterClose.REST;
		List<Boolean> asked = played.open().stream().map(Action.Ask::requested).toList();
		return List.of(settled.state, settled.shouldRun, settled.operatorDecided, errors, next, asked);
	}

	enum Situation {

		REGISTERED(() -> machine(false)),

		STARTING(() -> machine(true).begin()),

		SERVING(() -> machine(true).begin().created(1)),

		BACKOFF(() -> machine(true).begin().createFailed(1)),

		SERVING_AFTER_AN_ERROR(() -> Situation.BACKOFF.machine.get().pass(Duration.ofDays(1)).fire().created(2)),

		CLOSING_TOWARD_STOPPED(() -> Situation.SERVING.machine.get().tell(STOP)),

		CLOSING_TOWARD_A_RESTART(() -> Situation.SERVING_AFTER_AN_ERROR.machine.get().tell(RESTART)),

		CLOSING_TOWARD_FINISHED(() -> Situation.SERVING.machine.get().returned(1)),

		FINISHED(() -> Situation.CLOSING_TOWARD_FINISHED.machine.get().closed(1)),

		DROPPED(() -> Situation.BACKOFF.machine.get().pass(Duration.ofDays(1)).fire().createFailed(2)),

		STOPPED(() -> machine(false).begin().tell(STOP)),

		WAITING(() -> gated().begin()),

		WAITING_AFTER_AN_ERROR(
				() -> Situation.WAITING.machine.get().admit().createFailed(1).pass(Duration.ofDays(1)).fire()),

		WAITING_AFTER_AN_ERROR_THAT_IS_EXPLAINED(
				() -> Situation.WAITING_AFTER_AN_ERROR.machine.get().bar("the database to serve", true)),

		GATED_AND_STOPPED(() -> Situation.WAITING.machine.get().tell(STOP)),

		GATED_AND_IN_BACKOFF(() -> Situation.WAITING.machine.get().admit().createFailed(1)),

		GATED_AND_SERVING_AFTER_AN_ERROR(() -> Situation.WAITING_AFTER_AN_ERROR.machine.get().admit().created(2)),

		CLOSING_AFTER_AN_EVICTION(
				() -> Situation.GATED_AND_SERVING_AFTER_AN_ERROR.machine.get().tell(new Signal.Evict(2)));

		private final Supplier<PlayedMachine> machine;

		Situation(Supplier<PlayedMachine> machine) {
			this.machine = machine;
		}

		private static PlayedMachine machine(boolean autoStart) {
			return PlayedMachine.plain(options(autoStart));
		}

		private static PlayedMachine gated() {
			return PlayedMachine.gated(options(true));
		}

		private static EndpointOptions.Builder options(boolean autoStart) {
			return EndpointOptions.builder()
				.autoStart(autoStart)
				.restartPolicy(PlayedMachine.policy(Duration.ofSeconds(1)).allowedConsecutiveErrors(2).build());
		}

	}

}
