package dev.cider.broker.spring.autoconfigure;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which known name a misspelt one stands for.
 */
class NearestNameTests {

	private static final List<String> NAMES = List.of("udp", "tcp", "priceFeed", "websocket");

	@ParameterizedTest
	@CsvSource({ "tpc, tcp", "tc, tcp", "tccp, tcp", "tcq, tcp", "price-fede, priceFeed", "PRICE_FEET, priceFeed",
			"websockets, websocket", "sebwocket, websocket" })
	void aMisspeltNameIsRecognised(String written, String meant) {
		assertThat(NearestName.of(written, NAMES)).isEqualTo(meant);
	}

	@ParameterizedTest
	@CsvSource({ "rpc", "quic", "metrics", "a", "x-y-z" })
	void aNameThatIsLikeNoneIsLeftAlone(String written) {
		assertThat(NearestName.of(written, List.of("udp", "priceFeed", "websocket"))).isNull();
	}

	@Test
	void whereThereAreNoNamesNoneIsMeant() {
		assertThat(NearestName.of("tcp", List.of())).isNull();
	}

}
