package dev.cider.broker.sample.tcp;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.cider.broker.sample.FakeContext;
import dev.cider.broker.sample.exchange.Exchange;
import dev.cider.broker.sample.exchange.RequestedCrashException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How an incarnation begins and ends.
 */
@Timeout(300)
class TcpEndpointTests {

	private final Exchange exchange = new Exchange(Clock.systemUTC(), true);

	@Test
	void aPortThatIsTakenMakesListenAndServeThrow() throws Exception {
		try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
				Run run = new Run(this.exchange, taken.getLocalPort())) {
			assertThat(run.end()).isInstanceOf(IOException.class)
				.hasMessageStartingWith("Cannot listen on " + taken.getLocalSocketAddress() + ": ")
				.hasRootCauseInstanceOf(BindException.class);
		}
	}

	@Test
	void aCloseBeforeListenAndServeStartsNothing() throws Exception {
		TcpEndpoint endpoint = new TcpEndpoint(new FakeContext("tcp"), this.exchange,
				new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), Run.MAX_LINE, 1);
		endpoint.close();
		endpoint.listenAndServe();
		assertThat(endpoint.listening()).isNotDone();
	}

	@Test
	void aCloseDuringTheBindEndsItQuietly() throws Exception {
		for (int i = 0; i < 300; i++) {
			try (Run run = new Run(this.exchange)) {
				for (int pause = 0; pause < i * 10; pause++) {
					Thread.onSpinWait();
				}
				run.stop();
				assertThat(run.end()).isNull();
			}
		}
	}

	@RepeatedTest(5)
	void aCloseWithFiftyClientsReleasesAllAndThePortAtOnce() throws Exception {
		List<LineClient> clients = new ArrayList<>();
		int port;
		try (Run run = new Run(this.exchange)) {
			port = run.address().getPort();
			for (int i = 0; i < 50; i++) {
				clients.add(run.connect());
				assertThat(clients.get(i).isOnline()).isTrue();
			}
			assertThat(this.exchange.clients()).isEqualTo(50);
			run.stop();
			assertThat(run.end()).isNull();
			assertThat(this.exchange.clients()).isZero();
		}
		for (LineClient client : clients) {
			assertThat(client.read()).isNull();
			client.close();
		}
		for (int i = 0; i < 20; i++) {
			try (Run next = new Run(this.exchange, port); LineClient client = next.connect()) {
				assertThat(client.isOnline()).isTrue();
			}
		}
	}

	@Test
	void aCloseWhileClientsConnectLeavesNoneBehind() throws Exception {
		for (int i = 0; i < 20; i++) {
			try (Run run = new Run(this.exchange)) {
				InetSocketAddress address = run.address();
				Thread knocking = new Thread(() -> {
					while (run.isServing()) {
						try (LineClient client = new LineClient(address)) {
							client.ask("1", "echo", "[]").read();
						}
						catch (IOException ex) {
							// The server is closing: that is what is tested
						}
					}
				});
				knocking.start();
				Awaitility.await().until(() -> this.exchange.clients() > 0);
				run.stop();
				assertThat(run.end()).isNull();
				knocking.join(TimeUnit.SECONDS.toMillis(10));
			}
			assertThat(this.exchange.clients()).isZero();
		}
	}

	@Test
	void aCrashCommandMakesListenAndServeThrowAndTheNextIncarnationServes() throws Exception {
		int port;
		try (Run run = new Run(this.exchange)) {
			port = run.address().getPort();
			try (LineClient client = run.connect()) {
				client.ask("1", "sample.crash", "[]");
				assertThat(run.end()).isInstanceOf(RequestedCrashException.class);
				run.stop();
				assertThat(client.read()).isNull();
			}
		}
		try (Run next = new Run(this.exchange, port); LineClient client = next.connect()) {
			assertThat(client.isOnline()).isTrue();
		}
	}

	@Test
	void aCrashFailsWhatItsProvidersHadToAnswerAndLeavesOtherTransportsAlone() throws Exception {
		try (Run crashing = new Run(this.exchange);
				Run other = new Run(this.exchange);
				LineClient provider = crashing.connect();
				LineClient caller = other.connect()) {
			assertThat(provider.ask("1", "rpc.register", "[\"slow\"]").read()).contains("true");
			caller.ask("\"x\"", "slow", "[]");
			assertThat(provider.read()).contains("\"method\":\"slow\"");
			provider.ask("2", "sample.crash", "[]");
			assertThat(crashing.end()).isInstanceOf(RequestedCrashException.class);
			crashing.stop();
			assertThat(caller.read()).startsWith("{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"error\":{\"code\":-32000,");
			assertThat(caller.isOnline()).isTrue();
			assertThat(other.isServing()).isTrue();
		}
	}

	@Test
	void manyIncarnationsLeaveNoThreadBehind() throws Exception {
		for (int i = 0; i < 200; i++) {
			try (Run run = new Run(this.exchange); LineClient client = run.connect()) {
				assertThat(client.isOnline()).isTrue();
			}
		}
		Awaitility.await()
			.untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
				.noneMatch((name) -> name.startsWith("tcp-loop")));
	}

	@Test
	void aClientThatResetsItsConnectionIsForgotten() throws Exception {
		try (Run run = new Run(this.exchange); LineClient other = run.connect()) {
			LineClient client = run.connect();
			assertThat(client.isOnline()).isTrue();
			client.reset();
			assertThat(other.isOnline()).isTrue();
			Awaitility.await().until(() -> this.exchange.clients() == 1);
			assertThat(run.isServing()).isTrue();
		}
		catch (SocketException ex) {
			throw new AssertionError("Another connection was hit", ex);
		}
	}

}
