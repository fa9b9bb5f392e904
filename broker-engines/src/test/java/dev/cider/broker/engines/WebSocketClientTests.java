package dev.cider.broker.engines;

import java.io.IOException;
import java.util.List;
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

	private static EngineApplication run(int port) {
		EngineApplication application = new EngineApplication("priceStream", PriceStream.class,
				Map.of("prices.source", "ws://localhost:" + port + "/"), Map.of());
		application.awaitServing();
		application.awaitMore();
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
