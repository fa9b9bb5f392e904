package dev.cider.broker.sample.web;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the page can know of the last minutes.
 */
class TimelineTests {

	private static final Instant BEGIN = Instant.parse("2026-11-22T10:00:00Z");

	private final Timeline timeline = new Timeline();

	@Test
	void itGivesWhatIsNewerThanWhatIsKnown() {
		record("tcp", EndpointState.STARTING, 0, 0);
		record("zeromq", EndpointState.STARTING, 1, 0);
		record("tcp", EndpointState.SERVING, 2, 0);
		assertThat(this.timeline.after(0).changes()).containsOnlyKeys("tcp", "zeromq");
		assertThat(states(0)).containsExactly(EndpointState.STARTING, EndpointState.SERVING);
		assertThat(states(1)).containsExactly(EndpointState.SERVING);
		assertThat(this.timeline.after(1).last()).isEqualTo(3);
		assertThat(this.timeline.after(3).changes()).isEmpty();
	}

	@Test
	void itMarksWhatACrashHasLedTo() {
		record("tcp", EndpointState.SERVING, 0, 0);
		this.timeline.record(snapshot("tcp", EndpointState.SERVING, 0, 0),
				snapshot("tcp", EndpointState.CLOSING, 1, 1));
		assertThat(this.timeline.after(0).changes().get("tcp")).extracting(Change::crash).containsExactly(false, true);
	}

	@Test
	void itLeavesOutWhatIsNoChangeOfState() {
		EndpointSnapshot snapshot = snapshot("tcp", EndpointState.CLOSING, 0, 0);
		this.timeline.record(snapshot, snapshot);
		assertThat(this.timeline.after(0).changes()).isEmpty();
	}

	@Test
	void itForgetsWhatWasOverBeforeTheWindow() {
		long window = Timeline.WINDOW.toSeconds();
		record("tcp", EndpointState.STARTING, 0, 0);
		record("tcp", EndpointState.SERVING, 1, 0);
		record("tcp", EndpointState.CLOSING, window + 2, 0);
		record("tcp", EndpointState.STOPPED, window + 3, 0);
		assertThat(states(0)).as("serving is how the window begins")
			.containsExactly(EndpointState.SERVING, EndpointState.CLOSING, EndpointState.STOPPED);
	}

	@Test
	void itKeepsABoundedNumberPerEndpoint() {
		record("calm", EndpointState.SERVING, 0, 0);
		for (int change = 0; change < 10_000; change++) {
			record("tcp", (change % 2 == 0) ? EndpointState.STARTING : EndpointState.BACKOFF, 1, 0);
		}
		assertThat(this.timeline.after(0).changes().get("tcp")).hasSize(Timeline.MAX_PER_ENDPOINT)
			.last()
			.extracting(Change::number)
			.isEqualTo(10_001L);
		assertThat(this.timeline.after(0).changes().keySet()).isEqualTo(Set.of("calm", "tcp"));
	}

	@Test
	void anotherRunIsToldFromThisOne() {
		assertThat(this.timeline.after(0).run()).isEqualTo(this.timeline.after(0).run())
			.isNotEqualTo(new Timeline().after(0).run());
	}

	private void record(String id, EndpointState state, long second, long crashes) {
		this.timeline.record(snapshot(id, EndpointState.REGISTERED, second, crashes),
				snapshot(id, state, second, crashes));
	}

	private List<EndpointState> states(long after) {
		return this.timeline.after(after).changes().get("tcp").stream().map(Change::state).toList();
	}

	private static EndpointSnapshot snapshot(String id, EndpointState state, long second, long crashes) {
		return new EndpointSnapshot(id, state, BEGIN.plus(Duration.ofSeconds(second)), 1, 1, 0, crashes, 0, 0, 0, null,
				null, null);
	}

}
