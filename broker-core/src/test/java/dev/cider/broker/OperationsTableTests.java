package dev.cider.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The table in the Javadoc of {@link BrokerOperations} says what the machine does (G17).
 */
class OperationsTableTests {

	private static final Path SOURCE = Path.of("src/main/java/dev/cider/broker/BrokerOperations.java");

	private static final Pattern ROW = Pattern.compile("^ \\* [A-Z]{4,}.*  ");

	private static final EndpointOptions OPTIONS = EndpointOptions.defaults();

	private static final Signal BEGIN = new Signal.Begin();

	private static final Signal CREATED = new Signal.Created(1);

	private static final Signal CLOSED = new Signal.Closed(1);

	private static final Signal RETURNED = new Signal.Returned(1, 0.5);

	private static final Signal STOP = new Signal.Stop();

	private static final Map<String, EndpointMachine> IN_STATE = Map.ofEntries(entry("REGISTERED", machine(OPTIONS)),
			entry("STARTING", machine(OPTIONS, BEGIN)), entry("SERVING", machine(OPTIONS, BEGIN, CREATED)),
			entry("CLOSING toward STOPPED", machine(OPTIONS, BEGIN, CREATED, STOP)),
			entry("CLOSING otherwise", machine(OPTIONS, BEGIN, CREATED, threw())), entry("CLOSING, overdue", overdue()),
			entry("BACKOFF", machine(OPTIONS, BEGIN, CREATED, threw(), CLOSED)), entry("WAITING", waiting()),
			entry("FINISHED", machine(OPTIONS, BEGIN, CREATED, RETURNED, CLOSED)),
			entry("DROPPED", machine(dropping(), BEGIN, CREATED, threw(), CLOSED)),
			entry("STOPPED", machine(OPTIONS, BEGIN, CREATED, STOP, RETURNED, CLOSED)));

	static Stream<List<String>> rows() throws IOException {
		return Files.readAllLines(SOURCE)
			.stream()
			.filter((line) -> ROW.matcher(line).find())
			.map((line) -> List.of(line.substring(3).split(" {2,}")));
	}

	@ParameterizedTest
	@MethodSource("rows")
	void theTableSaysWhatTheMachineDoes(List<String> row) {
		EndpointMachine machine = IN_STATE.get(row.get(0));
		assertThat(machine).as(row.get(0)).isNotNull();
		assertThat(machine.shown().state()).hasToString(row.get(0).split("[ ,]")[0]);
		String start = machine.mayStart() ? effect(machine, new Signal.Start()) : "throws";
		assertThat(List.of(start, effect(machine, STOP), effect(machine, new Signal.Restart())))
			.isEqualTo(row.subList(1, row.size()));
	}

	@ParameterizedTest
	@MethodSource("states")
	void theTableNamesEveryState(EndpointState state) throws IOException {
		assertThat(rows()).anyMatch((row) -> row.get(0).startsWith(state.name()));
	}

	static Stream<EndpointState> states() {
		return Stream.of(EndpointState.values());
	}

	private static String effect(EndpointMachine machine, Signal request) {
		Step step = machine.on(request, now());
		EndpointState before = machine.shown().state();
		EndpointState after = step.machine().shown().state();
		boolean wasClosing = before == EndpointState.CLOSING;
		if (after == EndpointState.CLOSING && !wasClosing) {
			return "closes, then " + ends(step.machine(), "STOPPED", "launches");
		}
		if (wasClosing && after == EndpointState.STOPPED) {
			return "is STOPPED";
		}
		if (wasClosing && after == EndpointState.STARTING) {
			return "launches";
		}
		if (wasClosing && step.machine().afterClose.equals(machine.afterClose)) {
			return "nothing";
		}
		if (wasClosing) {
			return ends(step.machine(), "is STOPPED when closed", "launches when closed");
		}
		if (after == EndpointState.STARTING) {
			return "launches";
		}
		return (after == before) ? "nothing" : "is " + after;
	}

	/** Where the closing endpoint comes to. */
	private static String ends(EndpointMachine closing, String stopped, String launched) {
		EndpointMachine left = closing;
		for (int i = 0; i < 2; i++) {
			Signal fired = new Signal.TimerFired(left.timer, 0, false, 0);
			left = left.on(fired, now()).machine();
		}
		return switch (left.shown().state()) {
			case STOPPED -> stopped;
			case STARTING -> launched;
			default -> left.shown().state().name();
		};
	}

	/** Its close timeout and the last wait are over. */
	private static EndpointMachine overdue() {
		EndpointMachine closing = machine(OPTIONS.toBuilder().replaceAbandoned(false).build(), BEGIN, CREATED, STOP);
		for (int i = 0; i < 2; i++) {
			closing = closing.on(new Signal.TimerFired(closing.timer, 0, false, 0), now()).machine();
		}
		return closing;
	}

	private static EndpointMachine machine(EndpointOptions options, Signal... signals) {
		EndpointMachine machine = EndpointMachine.registered("tcp", options, false, now());
		for (Signal signal : signals) {
			machine = machine.on(signal, now()).machine();
		}
		return machine;
	}

	private static EndpointMachine waiting() {
		return EndpointMachine.registered("tcp", OPTIONS, false, true, now()).on(BEGIN, now()).machine();
	}

	private static EndpointOptions dropping() {
		return TestOptions.with(RestartPolicy.builder().mode(RestartMode.NEVER));
	}

	private static Signal threw() {
		return new Signal.Threw(1,
				new Failure(new IllegalStateException("boom"), "boom", null, false, Fingerprint.of(List.of())),
				now().nanos(), 0.5);
	}

	private static Moment now() {
		return Moment.of(Duration.ofSeconds(1).toNanos(), Instant.EPOCH);
	}

}
