package dev.cider.broker.sample.feed;

import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.CrashSummary;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.util.TestSocketUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The feed rides out whatever its source does.
 */
class PriceFeedTests {

	private static final int PORT = TestSocketUtils.findAvailableTcpPort();

	private ConfigurableApplicationContext context;

	private void start(String readTimeout) {
		this.context = new SpringApplicationBuilder(PriceFeed.class, BrokerOnly.class).web(WebApplicationType.NONE)
			.properties("spring.config.location=optional:classpath:/none/", "sample.prices.port=" + PORT,
					"sample.prices.read-timeout=" + readTimeout,
					"broker.endpoints.prices.restart.allowed-consecutive-errors=unlimited", "broker.restart.delay=10ms",
					"broker.restart.jitter=0s", "broker.restart.max-delay=100ms", "broker.start-timeout=10s")
			.run();
	}

	@AfterEach
	void stop() {
		this.context.close();
	}

	@Test
	void itComesBackWithItsSourceAndKeepsThePriceMeanwhile() throws IOException {
		start("1h");
		try (ServerSocket source = source(); Socket feed = source.accept()) {
			send(feed, "101.25\n");
			awaitPrice("101.25");
			assertThat(snapshot().state()).isEqualTo(EndpointState.SERVING);
		}
		long crashes = snapshot().crashes();
		Awaitility.await().until(() -> snapshot().crashes() > crashes + 4);
		assertThat(snapshot().drops()).isZero();
		assertThat(messages()).contains("The source hung up").anyMatch((message) -> message.contains("refused"));
		awaitPrice("101.25");
		try (ServerSocket source = source(); Socket feed = source.accept()) {
			send(feed, "99.50\n");
			awaitPrice("99.50");
		}
	}

	@Test
	void aSourceThatFallsSilentIsLeft() throws IOException {
		start("200ms");
		try (ServerSocket source = source(); Socket feed = source.accept()) {
			send(feed, "101.25\n");
			assertThat(feed.getInputStream().read()).as("its connection").isEqualTo(-1);
			source.accept().close();
		}
		assertThat(messages()).contains("Read timed out");
	}

	@Test
	void nonsenseIsACrash() throws IOException {
		start("1h");
		try (ServerSocket source = source(); Socket feed = source.accept()) {
			send(feed, "1O1\n");
			source.accept().close();
		}
		assertThat(crashes()).extracting(CrashSummary::type).contains(NumberFormatException.class.getName());
		assertThat(this.context.getBean(PriceFeed.class).latest()).isNull();
	}

	private static ServerSocket source() throws IOException {
		return new ServerSocket(PORT, 50, InetAddress.getByName("127.0.0.1"));
	}

	private static void send(Socket feed, String text) throws IOException {
		feed.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
	}

	private void awaitPrice(String value) {
		PriceFeed feed = this.context.getBean(PriceFeed.class);
		Awaitility.await()
			.untilAsserted(() -> assertThat(feed.latest()).isNotNull()
				.extracting(PriceFeed.Price::value)
				.isEqualTo(new BigDecimal(value)));
	}

	private EndpointSnapshot snapshot() {
		return this.context.getBean(BrokerOperations.class).endpoint("prices");
	}

	private List<CrashSummary> crashes() {
		return this.context.getBean(BrokerOperations.class).history("prices");
	}

	private List<String> messages() {
		return crashes().stream().map(CrashSummary::message).toList();
	}

	@EnableAutoConfiguration
	static class BrokerOnly {

	}

}
