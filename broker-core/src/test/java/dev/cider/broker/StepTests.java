package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A step holds its actions in fields and, beyond those, in a list; and what signals and
 * actions share.
 */
class StepTests {

	private static final EndpointMachine MACHINE = EndpointMachine.registered("tcp", EndpointOptions.defaults(), false,
			Moment.of(0, Instant.EPOCH));

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 5, 6, 9 })
	void actionsAreCarriedOutInTheOrderInWhichTheyWereAdded(int count) {
		List<Action> added = LongStream.range(0, count)
			.<Action>mapToObj((timer) -> new Action.Arm(timer, Duration.ofSeconds(timer)))
			.toList();
		Step step = Step.of(MACHINE, added);
		assertThat(step.machine()).isSameAs(MACHINE);
		assertThat(step.count()).isEqualTo(count);
		assertThat(step.actions()).isEqualTo(added);
		assertThat(step).hasToString("Step" + added);
	}

	@ParameterizedTest
	@ValueSource(longs = { 0, 31, 32, 1_000_000_000_000L, -1 })
	void eachNumberHasAValueOfItsOwn(long number) {
		SharedValues<Signal.Closed> values = new SharedValues<>(Signal.Closed::new);
		assertThat(values.get(number)).isEqualTo(new Signal.Closed(number));
		assertThat(values.get(number) == values.get(number)).isEqualTo(number >= 0 && number < 32);
	}

	@Test
	void sharedSignalsAndActionsCarryTheNumberOfTheirIncarnation() {
		for (long number : new long[] { 1, 2, 100 }) {
			assertThat(Signal.created(number)).isEqualTo(new Signal.Created(number));
			assertThat(Signal.closed(number)).isEqualTo(new Signal.Closed(number));
			assertThat(Action.launch(number)).isEqualTo(new Action.Launch(number));
			assertThat(Action.serve(number)).isEqualTo(new Action.Serve(number));
			assertThat(Action.close(number)).isEqualTo(new Action.Close(number));
		}
	}

	@Test
	void onlyAStopLaunchesNothing() {
		assertThat(new Signal.Start().launches()).isTrue();
		assertThat(new Signal.Restart().launches()).isTrue();
		assertThat(new Signal.StopThen(new Signal.Start()).launches()).isTrue();
		assertThat(new Signal.Stop().launches()).isFalse();
	}

}
