package dev.cider.broker.sample;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.cider.broker.sample.tcp.LineClient;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The packaged sample in a JVM of its own, as it is and processed ahead of time.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class PackagedSampleIT {

	/**
	 * Only ends what would never end: a busy machine needs minutes for a second's work.
	 */
	private static final Duration LIMIT = Duration.ofMinutes(4);

	private static final String JAR = "target/broker-sample-app-0.1.0-SNAPSHOT.jar";

	private final HttpClient http = HttpClient.newHttpClient();

	/** Whatever fails, a time limit too. */
	@RegisterExtension
	private final TestExecutionExceptionHandler tellingWhatItPrinted = (test, failure) -> {
		throw new AssertionError(failure + "\nThe sample printed:\n" + log(), failure);
	};

	@TempDir
	private Path directory;

	private Process process;

	private int httpPort;

	private int tcpPort;

	@AfterEach
	void stop() throws InterruptedException {
		if (this.process != null) {
			this.process.destroyForcibly().waitFor();
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aCrashIsRepairedSeenAndCountedAndTheEndIsInOrder(boolean ahead) throws Exception {
		start(ahead);
		await("/actuator/broker", "{\"state\":\"SERVING\",", "\"states\":{\"SERVING\":5}",
				"\"tcp\":{\"state\":\"SERVING\"");
		try (LineClient client = client()) {
			client.ask("1", "echo", "[\"hi\"]");
			assertThat(client.read()).isEqualTo("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[\"hi\"]}");
			client.ask("2", "sample.crash", "[]");
			await("/actuator/broker/tcp", "\"state\":\"SERVING\"", "\"incarnation\":2", "\"restarts\":1",
					"\"crashes\":1", "\"lastCrash\":{\"incarnation\":1,\"phase\":\"SERVE\"");
		}
		try (LineClient client = client()) {
			assertThat(client.isOnline()).isTrue();
		}
		await("/sample/price", "{\"value\":\"");
		assertThat(get("/actuator/health")).contains("\"broker\":{").contains("\"status\":\"UP\"");
		assertThat(get("/actuator/metrics/broker.endpoint.restarts?tag=endpoint:tcp")).contains("\"value\":1.0");
		String policy = get("/actuator/broker/tcp");
		assertThat(policy).contains("\"allowedConsecutiveErrors\":3", "\"history\":[{");

		this.process.destroy();
		assertThat(this.process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as("ends in time").isTrue();
		assertThat(log()).contains("tcp: STOPPED (incarnation 2)", "Broker terminated");
		assertThat(log().contains("Starting AOT-processed")).isEqualTo(ahead);
	}

	private void start(boolean ahead) throws IOException {
		this.httpPort = freePort();
		this.tcpPort = freePort();
		List<String> command = new ArrayList<>(List.of(
				Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Dspring.aot.enabled=" + ahead,
				"-jar", new File(JAR).getAbsolutePath(), "--server.port=" + this.httpPort,
				"--sample.tcp.port=" + this.tcpPort, "--sample.websocket.port=0", "--sample.zeromq.port=0",
				"--sample.market.port=" + freePort(), "--sample.market.session=1d"));
		this.process = new ProcessBuilder(command).redirectErrorStream(true)
			.redirectOutput(this.directory.resolve("log").toFile())
			.start();
	}

	private void await(String path, String... parts) {
		Awaitility.await()
			.atMost(LIMIT)
			.ignoreExceptionsInstanceOf(IOException.class)
			.failFast("the sample ended", () -> !this.process.isAlive())
			.untilAsserted(() -> assertThat(get(path)).contains(parts));
	}

	private String get(String path) throws IOException, InterruptedException {
		URI uri = URI.create("http://127.0.0.1:" + this.httpPort + path);
		HttpRequest request = HttpRequest.newBuilder(uri).header("Accept", "application/json").timeout(LIMIT).build();
		return this.http.send(request, BodyHandlers.ofString()).body();
	}

	private LineClient client() throws IOException {
		return new LineClient(new InetSocketAddress(InetAddress.getLoopbackAddress(), this.tcpPort));
	}

	private String log() throws IOException {
		return Files.readString(this.directory.resolve("log"));
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

}
