package dev.cider.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The diagram of states on the front page shows ways that an endpoint can take.
 */
class StateDiagramTests {

	private record Way(EndpointState from, EndpointState to) {
	}

	private static List<Way> shown() throws IOException {
		return Pattern.compile("([A-Z]+) --> ([A-Z]+):")
			.matcher(Files.readString(Path.of("..", "README.md")))
			.results()
			.map((arrow) -> new Way(EndpointState.valueOf(arrow.group(1)), EndpointState.valueOf(arrow.group(2))))
			.toList();
	}

	private static boolean isPossible(Way way) {
		return TransitionsTests.kinds(Signal.class)
			.map((signal) -> Transitions.of(way.from(), signal))
			.anyMatch((transition) -> transition != null && transition.leadsTo().contains(way.to()));
	}

	@Test
	void everyArrowIsAWayThatTheMachineTakes() throws IOException {
		assertThat(shown()).hasSizeGreaterThan(10).allSatisfy((way) -> assertThat(isPossible(way)).isTrue());
	}

	@Test
	void everyStateIsThere() throws IOException {
		assertThat(shown().stream().flatMap((way) -> Stream.of(way.from(), way.to())).distinct())
			.containsExactlyInAnyOrder(EndpointState.values());
	}

}
