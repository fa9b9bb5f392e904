package dev.cider.broker.sample;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.TimeUnit;

import dev.cider.broker.sample.tcp.LineClient;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.resttestclient.autoconfigure.AutoConfigureRestTestClient;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.annotation.DirtiesContext.ClassMode;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.util.TestSocketUtils;
import org.springframework.test.web.servlet.client.RestTestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The whole sample, seen from its ports.
 */
// Within such a window every crash counts as quick, however slow the machine is
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT,
		properties = { "broker.restart.error-window=1h", "broker.restart.delay=50ms" })
@AutoConfigureRestTestClient
@DirtiesContext(classMode = ClassMode.AFTER_EACH_TEST_METHOD)
@ExtendWith(OutputCaptureExtension.class)
class SampleApplicationTests {

	private static final int TCP_PORT = TestSocketUtils.findAvailableTcpPort();

	private static final int MARKET_PORT = TestSocketUtils.findAvailableTcpPort();

	@Autowired
	private RestTestClient http;

	@DynamicPropertySource
	static void properties(DynamicPropertyRegistry registry) {
		registry.add("sample.tcp.port", () -> TCP_PORT);
		registry.add("sample.websocket.port", () -> 0);
		registry.add("sample.zeromq.port", () -> 0);
		registry.add("sample.market.port", () -> MARKET_PORT);
	}

	@Test
	void echoAnswersOverTcp() throws Exception {
		awaitIncarnation(1);
		try (LineClient client = connect()) {
			client.write("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\",\"params\":[\"hi\"]}\n");
			assertThat(client.read()).isEqualTo("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[\"hi\"]}");
		}
		assertHealth(HttpStatus.OK);
	}

	@Test
	void aCrashIsReportedAndTheNextIncarnationServes(CapturedOutput output) throws Exception {
		awaitIncarnation(1);
		crash();
		awaitIncarnation(2);
		this.http.get()
			.uri("/actuator/broker/tcp")
			.exchange()
			.expectBody()
			.jsonPath("$.restarts")
			.isEqualTo(1)
			.jsonPath("$.crashes")
			.isEqualTo(1)
			.jsonPath("$.drops")
			.isEqualTo(0)
			.jsonPath("$.lastCrash.phase")
			.isEqualTo("SERVE")
			.jsonPath("$.lastCrash.type")
			.isEqualTo("dev.cider.broker.sample.exchange.RequestedCrashException");
		try (LineClient client = connect()) {
			assertThat(client.isOnline()).isTrue();
		}
		Awaitility.await()
			.untilAsserted(() -> assertThat(output).contains("tcp: crash report of incarnation 1 in phase SERVE"));
	}

	@Test
	void threeQuickCrashesDropItUntilAnOperatorStartsIt() throws Exception {
		for (int incarnation = 1; incarnation <= 3; incarnation++) {
			awaitIncarnation(incarnation);
			crash();
		}
		awaitState("DROPPED", 3);
		assertHealth(HttpStatus.SERVICE_UNAVAILABLE);
		operate("start");
		awaitIncarnation(4);
		assertHealth(HttpStatus.OK);
		try (LineClient client = connect()) {
			assertThat(client.isOnline()).isTrue();
		}
	}

	@Test
	void aPortThatIsTakenDropsItAndLeavesTheApplicationUp() throws Exception {
		awaitIncarnation(1);
		operate("stop");
		awaitState("STOPPED", 1);
		try (ServerSocket taken = new ServerSocket(TCP_PORT, 1, InetAddress.getLoopbackAddress())) {
			assertThat(taken.isBound()).isTrue();
			operate("start");
			awaitState("DROPPED", 4);
		}
		operate("start");
		awaitIncarnation(5);
		assertHealth(HttpStatus.OK);
	}

	private void operate(String action) {
		this.http.post()
			.uri("/actuator/broker/tcp")
			.contentType(MediaType.APPLICATION_JSON)
			.body("{\"action\":\"" + action + "\"}")
			.exchange()
			.expectStatus()
			.isOk();
	}

	private void crash() throws IOException {
		try (LineClient client = connect()) {
			client.ask("1", "sample.crash", "[]");
			assertThat(client.read()).isNull();
		}
	}

	private static LineClient connect() throws IOException {
		return new LineClient(new InetSocketAddress(InetAddress.getLoopbackAddress(), TCP_PORT));
	}

	private void awaitIncarnation(int incarnation) {
		awaitState("SERVING", incarnation);
	}

	private void awaitState(String state, int incarnation) {
		Awaitility.await()
			.atMost(20, TimeUnit.SECONDS)
			.untilAsserted(() -> this.http.get()
				.uri("/actuator/broker/tcp")
				.exchange()
				.expectStatus()
				.isOk()
				.expectBody()
				.jsonPath("$.state")
				.isEqualTo(state)
				.jsonPath("$.incarnation")
				.isEqualTo(incarnation));
	}

	private void assertHealth(HttpStatus status) {
		this.http.get().uri("/actuator/health").exchange().expectStatus().isEqualTo(status);
	}

}
