package dev.cider.broker.sample.market;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import dev.cider.broker.sample.feed.PriceFeed;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.util.TestSocketUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The market and its feed, with the settings of the sample but shorter times.
 */
class MarketTests {

	private static final int PORT = TestSocketUtils.findAvailableTcpPort();

	@Test
	void itClosesAndOpensAgainWithoutACrashAndTheFeedFollows() {
		try (ConfigurableApplicationContext context = run("300ms")) {
			BrokerOperations broker = context.getBean(BrokerOperations.class);
			Awaitility.await().until(() -> broker.endpoint("market").state() == EndpointState.BACKOFF);
			Awaitility.await().until(() -> broker.endpoint("market").incarnation() >= 3);
			assertThat(broker.endpoint("market").crashes()).isZero();
			long starts = broker.endpoint("prices").starts();
			Awaitility.await().until(() -> broker.endpoint("prices").starts() > starts + 3);
			Awaitility.await().until(() -> broker.endpoint("prices").state() == EndpointState.SERVING);
			assertThat(broker.endpoints()).extracting(EndpointSnapshot::drops).containsOnly(0L);
		}
	}

	@Test
	void everybodyWhoConnectsIsToldPricesUntilItCloses() throws IOException {
		try (ConfigurableApplicationContext context = run("1d")) {
			BrokerOperations broker = context.getBean(BrokerOperations.class);
			Awaitility.await().until(() -> broker.endpoint("market").state() == EndpointState.SERVING);
			try (Socket one = visitor(); Socket other = visitor()) {
				BufferedReader prices = reader(one);
				for (int line = 1; line <= 3; line++) {
					assertThat(new BigDecimal(prices.readLine())).isPositive();
				}
				broker.stop("market");
				assertThat(prices.lines().count()).as("lines after the close").isLessThan(3);
				assertThat(reader(other).lines()).isNotEmpty();
			}
		}
	}

	private static Socket visitor() throws IOException {
		return new Socket(InetAddress.getLoopbackAddress(), PORT);
	}

	private static BufferedReader reader(Socket visitor) throws IOException {
		return new BufferedReader(new InputStreamReader(visitor.getInputStream(), StandardCharsets.UTF_8));
	}

	private static ConfigurableApplicationContext run(String session) {
		return new SpringApplicationBuilder(Market.class, PriceFeed.class, BrokerOnly.class)
			.web(WebApplicationType.NONE)
			.run("--sample.market.port=" + PORT, "--sample.market.session=" + session,
					"--broker.endpoints.market.restart.delay=500ms", "--broker.endpoints.prices.restart.delay=20ms",
					"--broker.endpoints.prices.restart.max-delay=100ms");
	}

	@EnableAutoConfiguration
	static class BrokerOnly {

	}

}
