package app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointState;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestClassOrder;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.bean.override.mockito.MockitoBean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;

/**
 * A test suite as applications have it: with mocks behind the endpoints, and two contexts
 * that Spring caches, whose endpoints want the same port.
 */
@TestClassOrder(ClassOrderer.OrderAnnotation.class)
class TestContextTests {

	private static final int PORT = freePort();

	@DynamicPropertySource
	static void samePort(DynamicPropertyRegistry properties) {
		properties.add("trading.port", () -> PORT);
	}

	private static int freePort() {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void awaitServing(BrokerOperations broker, long incarnation) {
		Awaitility.await()
			.atMost(Duration.ofMinutes(4))
			.until(() -> broker.endpoint("door").state() == EndpointState.SERVING);
		assertThat(broker.endpoint("door").incarnation()).isEqualTo(incarnation);
		assertThat(broker.endpoint("door").crashes()).as("crashes").isZero();
	}

	@Nested
	@Order(1)
	@SpringBootTest(classes = Trading.class, webEnvironment = WebEnvironment.NONE)
	class FirstContext {

		@Autowired
		private BrokerOperations broker;

		@MockitoBean
		private PriceSource source;

		@Test
		void anEndpointAsksTheMock() throws IOException {
			given(this.source.priceOf("AAPL")).willReturn(1001);
			awaitServing(this.broker, 1);
			assertThat(Door.ask(PORT, "AAPL")).isEqualTo("1001");
		}

	}

	@Nested
	@Order(2)
	@SpringBootTest(classes = Trading.class, webEnvironment = WebEnvironment.NONE, properties = "other=context")
	class OtherContext {

		@Autowired
		private BrokerOperations broker;

		@Test
		void hasThePortToItselfWhileTheFirstIsPaused() throws IOException {
			awaitServing(this.broker, 1);
			assertThat(Door.ask(PORT, "AAPL")).isEqualTo("4");
		}

	}

	@Nested
	@Order(3)
	@SpringBootTest(classes = Trading.class, webEnvironment = WebEnvironment.NONE)
	class FirstContextAgain {

		@Autowired
		private BrokerOperations broker;

		@MockitoBean
		private PriceSource source;

		@Test
		void servesAgainWithItsOldNumbers() throws IOException {
			given(this.source.priceOf("IBM")).willReturn(1002);
			awaitServing(this.broker, 2);
			assertThat(Door.ask(PORT, "IBM")).isEqualTo("1002");
		}

	}

}
