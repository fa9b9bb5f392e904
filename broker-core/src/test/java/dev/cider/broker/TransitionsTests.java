package dev.cider.broker;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.Collectors;

import dev.cider.broker.Transitions.Transition;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Walks all pairs of state and signal. The table here is the one to read; the code must
 * agree with it.
 */
class TransitionsTests {

	private static final String SETTLED = "BACKOFF CLOSING DROPPED FINISHED STARTING STOPPED WAITING";

	private static final Map<String, String> TABLE = table("""
			REGISTERED Begin          REGISTERED STARTING STOPPED WAITING
			REGISTERED Start          STARTING WAITING
			REGISTERED Restart        STARTING WAITING
			REGISTERED Stop           STOPPED
			REGISTERED AnnounceTermination REGISTERED
			STARTING   AnnounceTermination STARTING
			SERVING    AnnounceTermination SERVING
			CLOSING    AnnounceTermination CLOSING
			BACKOFF    AnnounceTermination STOPPED
			FINISHED   AnnounceTermination FINISHED
			DROPPED    AnnounceTermination DROPPED
			STOPPED    AnnounceTermination STOPPED
			REGISTERED Terminate      STOPPED
			STARTING   Created        SERVING STARTING
			STARTING   Ready          SERVING STARTING
			STARTING   InnerChanged   STARTING
			STARTING   Returned       CLOSING
			STARTING   Threw          CLOSING
			STARTING   TimerFired     STARTING
			STARTING   TimedOut       CLOSING
			STARTING   CreateFailed   BACKOFF DROPPED STARTING STOPPED WAITING
			STARTING   Stop           CLOSING
			STARTING   Restart        CLOSING
			STARTING   AwaitsEnd      STARTING
			STARTING   AwaitsEndNoMore STARTING
			STARTING   Terminate      CLOSING STOPPED
			SERVING    Ready          SERVING
			SERVING    InnerChanged   SERVING
			SERVING    TimerFired     SERVING
			SERVING    TimedOut       CLOSING SERVING
			SERVING    Returned       CLOSING
			SERVING    Threw          CLOSING
			SERVING    Stop           CLOSING
			SERVING    Restart        CLOSING
			SERVING    AwaitsEnd      SERVING
			SERVING    AwaitsEndNoMore SERVING
			SERVING    Terminate      CLOSING STOPPED
			CLOSING    Created        CLOSING
			CLOSING    Ready          CLOSING
			CLOSING    InnerChanged   CLOSING
			CLOSING    CreateFailed   settled
			CLOSING    Returned       settled
			CLOSING    Threw          settled
			CLOSING    Closed         settled
			CLOSING    TimerFired     settled
			CLOSING    Start          CLOSING
			CLOSING    Stop           CLOSING STOPPED
			CLOSING    Restart        CLOSING STARTING WAITING
			CLOSING    AwaitsEnd      CLOSING DROPPED FINISHED STOPPED
			CLOSING    AwaitsEndNoMore CLOSING
			CLOSING    Terminate      CLOSING DROPPED FINISHED STOPPED
			BACKOFF    TimerFired     STARTING WAITING
			BACKOFF    Restart        STARTING WAITING
			BACKOFF    Stop           STOPPED
			BACKOFF    Terminate      STOPPED
			WAITING    Admit          STARTING
			WAITING    Bar            WAITING
			WAITING    Restart        WAITING
			WAITING    Stop           STOPPED
			WAITING    AnnounceTermination STOPPED
			WAITING    Terminate      STOPPED
			STARTING   Evict          CLOSING
			SERVING    Evict          CLOSING
			CLOSING    Evict          CLOSING
			FINISHED   Start          STARTING WAITING
			FINISHED   Restart        STARTING WAITING
			FINISHED   Stop           STOPPED
			FINISHED   Terminate      FINISHED
			DROPPED    TimerFired     STARTING WAITING
			DROPPED    Start          STARTING WAITING
			DROPPED    Restart        STARTING WAITING
			DROPPED    Stop           STOPPED
			DROPPED    Terminate      DROPPED
			STOPPED    Start          STARTING WAITING
			STOPPED    Restart        STARTING WAITING
			STOPPED    Stop           STOPPED
			STOPPED    Terminate      STOPPED
			""");

	/** All but those that mean the same in each state, or are never told to a machine. */
	private static final List<Class<?>> SIGNALS = kinds(Signal.class)
		.filter((signal) -> !Set
			.of(Signal.StopThen.class, Signal.HandOver.class, Signal.TakeOver.class, Signal.OfSupervisor.class)
			.contains(signal))
		.toList();

	static Stream<Class<?>> kinds(Class<?> signal) {
		Class<?>[] permitted = signal.getPermittedSubclasses();
		return (permitted == null) ? Stream.of(signal) : Stream.of(permitted).flatMap(TransitionsTests::kinds);
	}

	private static Map<String, String> table(String text) {
		return text.lines()
			.map((line) -> line.split("\\s+", 3))
			.collect(Collectors.toMap((cells) -> cells[0] + " " + cells[1],
					(cells) -> cells[2].strip().replace("settled", SETTLED)));
	}

	@Test
	void everyPairOfStateAndSignalIsAllowedOrForbiddenAsListedHere() {
		Map<String, String> found = new TreeMap<>();
		for (EndpointState state : EndpointState.values()) {
			for (Class<?> signal : SIGNALS) {
				Transition<?> transition = Transitions.of(state, signal);
				if (transition != null) {
					found.put(state + " " + signal.getSimpleName(), names(transition.leadsTo()));
				}
			}
		}
		assertThat(found).containsExactlyInAnyOrderEntriesOf(TABLE);
	}

	@Test
	void mostStatesCannotFollowMostStates() {
		long allowed = Arrays.stream(EndpointState.values())
			.mapToLong((from) -> SIGNALS.stream()
				.map((signal) -> Transitions.of(from, signal))
				.filter((transition) -> transition != null)
				.flatMap((transition) -> transition.leadsTo().stream())
				.filter((to) -> to != from)
				.distinct()
				.count())
			.sum();
		int pairs = EndpointState.values().length * (EndpointState.values().length - 1);
		assertThat(allowed).isLessThan(pairs / 2);
	}

	private static String names(Set<EndpointState> states) {
		return states.stream().map(Enum::name).sorted().collect(Collectors.joining(" "));
	}

}
