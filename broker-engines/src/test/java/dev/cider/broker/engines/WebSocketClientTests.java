package dev.cider.broker.engines;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import dev.cider.broker.CrashPhase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.test.util.TestSocketUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A server of a WebSocket that is killed, a connection that is cut, and a network that
 * says nothing.
 */
class WebSocketClientTests {

	private final int port = TestSocketUtils.findAvailableTcpPort();

	private JavaProcess server;

	@BeforeEach
	void start() throws IOException {
		this.server = new JavaProcess(List.of(), PriceServer.class.getName(), "" + this.port).awaitOutput("serves");
	}

	@AfterEach
	void stop() throws IOException {
		this.server.close();
	}

	private static EngineApplication run(int port) throws InterruptedException {
		EngineApplication application = new EngineApplication("priceStream", PriceStream.class,
				Map.of("prices.source", "ws://localhost:" + port + "/"), Map.of());
		application.awaitServing();
		application.awaitMore();
		application.awaitReceived("7 dollars");
		return application;
	}

	@Test
	void readsAgainAfterTheServerWasKilled() throws Exception {
		try (EngineApplication application = run(this.port)) {
			application.outageBegins();
			stop();
			application.awaitCrashes(2);
			assertThat(application.lastCrash().message()).contains("ConnectException");
			start();
			application.outageEnds();
			application.awaitServing();
			application.awaitMore();
			application.tellRecovery("WebSocket: the server is killed");
		}
	}

	@Test
	void readsAgainAfterTheConnectionWasCut() throws Exception {
		try (Proxy network = new Proxy(this.port); EngineApplication application = run(network.port())) {
			application.outageBegins();
			network.cut();
			application.awaitCrashes(1);
			application.awaitServing();
			application.awaitMore();
			application.tellRecovery("WebSocket: the connection is reset");
			assertThat(application.lastCrash().message()).startsWith("the connection failed");
		}
	}

	/** The handshake goes on: {@code HttpClient} knows nothing of the stop. */
	@Test
	void aStopDuringTheHandshakeLeavesNoConnection() throws Exception {
		try (ServerSocket slow = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
				EngineApplication application = new EngineApplication("priceStream", PriceStream.class,
						Map.of("prices.source", "ws://localhost:" + slow.getLocalPort() + "/"), Map.of());
				Socket connection = slow.accept()) {
			String key = keyOf(new BufferedReader(new InputStreamReader(connection.getInputStream())));
			application.stop();
			connection.getOutputStream().write(agreement(key));
			connection.setSoTimeout(60_000);
			assertThat(connection.getInputStream().read()).as("the end of the connection").isEqualTo(-1);
		}
	}

	/** Reads the whole request. */
	private static String keyOf(BufferedReader request) throws IOException {
		String key = "";
		for (String line = request.readLine(); !line.isEmpty(); line = request.readLine()) {
			if (line.toLowerCase(Locale.ROOT).startsWith("sec-websocket-key:")) {
				key = line.substring(line.indexOf(':') + 1).strip();
			}
		}
		return key;
	}

	/** As RFC 6455 says. */
	private static byte[] agreement(String key) throws NoSuchAlgorithmException {
		byte[] hash = MessageDigest.getInstance("SHA-1")
			.digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
		return ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
				+ Base64.getEncoder().encodeToString(hash) + "\r\n\r\n")
			.getBytes(StandardCharsets.US_ASCII);
	}

	@Test
	void readsAgainAfterTheNetworkFellSilent() throws Exception {
		try (Proxy network = new Proxy(this.port); EngineApplication application = run(network.port())) {
			application.outageBegins();
			network.silence();
			application.awaitCrashes(1);
			assertThat(application.lastCrash().phase()).isEqualTo(CrashPhase.HANG);
			network.restore();
			application.outageEnds();
			application.awaitServing();
			application.awaitMore();
			application.tellRecovery("WebSocket: the network falls silent");
		}
	}

}
