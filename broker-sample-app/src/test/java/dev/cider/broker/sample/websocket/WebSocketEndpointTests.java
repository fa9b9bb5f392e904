package dev.cider.broker.sample.websocket;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.cider.broker.sample.FakeContext;
import dev.cider.broker.sample.exchange.Exchange;
import dev.cider.broker.sample.transport.WebSocketPeer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Who gets a WebSocket, and how it ends.
 */
@Timeout(300)
class WebSocketEndpointTests {

	private static final int MAX_MESSAGE = 1024;

	private static final String UPGRADE = """
			GET / HTTP/1.1
			Host: localhost
			Connection: keep-alive, Upgrade
			Upgrade: websocket
			Sec-WebSocket-Version: 13
			Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
			""";

	private final Exchange exchange = new Exchange(Clock.systemUTC(), false);

	private final FakeContext context = new FakeContext("websocket");

	private final WebSocketEndpoint endpoint = new WebSocketEndpoint(this.context, this.exchange,
			new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), MAX_MESSAGE, 100);

	private CompletableFuture<Void> served;

	private boolean closed;

	@BeforeEach
	void listen() throws Exception {
		this.served = CompletableFuture.runAsync(() -> {
			try {
				this.endpoint.listenAndServe();
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		}, (task) -> new Thread(task).start());
		address();
	}

	@AfterEach
	void close() throws Exception {
		if (!this.closed) {
			this.closed = true;
			this.endpoint.close();
		}
		this.served.get(2, TimeUnit.MINUTES);
		assertThat(this.exchange.clients()).isZero();
	}

	@Test
	void itIsReadyAndItsHeartBeats() throws Exception {
		assertThat(this.context.readiness().await(2, TimeUnit.MINUTES)).isTrue();
		long beats = this.context.beats().get();
		Awaitility.await().until(() -> this.context.beats().get() > beats + 1);
	}

	@Test
	void aPingIsAnsweredWithItsOwnContent() throws Exception {
		try (WebSocketPeer peer = new WebSocketPeer(address())) {
			peer.socket().sendPing(ByteBuffer.wrap("p1".getBytes(StandardCharsets.UTF_8))).get(2, TimeUnit.MINUTES);
			assertThat(peer.receive()).isEqualTo("pong p1");
			assertThat(peer.isOnline()).isTrue();
		}
	}

	@Test
	void aMessageMayComeInFragments() throws Exception {
		try (WebSocketPeer peer = new WebSocketPeer(address())) {
			peer.socket().sendText("{\"jsonrpc\":\"2.0\",\"id\":1,", false).get(2, TimeUnit.MINUTES);
			peer.socket().sendText("\"method\":\"echo\"}", true).get(2, TimeUnit.MINUTES);
			assertThat(peer.receive()).isEqualTo("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}");
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { WebSocket.NORMAL_CLOSURE, 1001, 4711 })
	void aGoodbyeIsAnsweredWithItsOwnStatus(int status) throws Exception {
		try (WebSocketPeer peer = new WebSocketPeer(address())) {
			peer.socket().sendClose(status, "bye").get(2, TimeUnit.MINUTES);
			assertThat(peer.status()).isEqualTo(status);
			Awaitility.await().until(() -> this.exchange.clients() == 0);
		}
	}

	@Test
	void whenItClosesItsClientsAreToldThatItGoesAway() throws Exception {
		try (WebSocketPeer peer = new WebSocketPeer(address())) {
			assertThat(peer.isOnline()).isTrue();
			close();
			assertThat(peer.status()).isEqualTo(1001);
		}
	}

	@Test
	void aBinaryMessageIsRefused() throws Exception {
		try (WebSocketPeer peer = new WebSocketPeer(address())) {
			peer.socket().sendBinary(ByteBuffer.wrap(new byte[10]), true).get(2, TimeUnit.MINUTES);
			assertThat(peer.status()).isEqualTo(1003);
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { MAX_MESSAGE + 1, 4 * MAX_MESSAGE, 4_000_000 })
	void aMessageThatIsTooBigIsRefused(int length) throws Exception {
		try (WebSocketPeer peer = new WebSocketPeer(address())) {
			// Not waited for: the server need not take the rest
			peer.socket().sendText("x".repeat(length), true);
			assertThat(peer.status()).isEqualTo(1009);
		}
	}

	@Test
	void aMessageThatIsTooBigInFragmentsIsRefused() throws Exception {
		try (WebSocketPeer peer = new WebSocketPeer(address())) {
			peer.socket().sendText("x".repeat(MAX_MESSAGE), false).get(2, TimeUnit.MINUTES);
			peer.socket().sendText("x", true).get(2, TimeUnit.MINUTES);
			assertThat(peer.status()).isEqualTo(1009);
		}
	}

	@Test
	void whatIsNotUtf8IsRefused() throws Exception {
		try (Socket socket = new Socket(address().getAddress(), address().getPort())) {
			socket.setSoTimeout(10_000);
			assertThat(talk(socket, UPGRADE)).startsWith("HTTP/1.1 101 ");
			// A masked text message of two bytes, with a mask of zeros
			socket.getOutputStream().write(new byte[] { (byte) 0x81, (byte) 0x82, 0, 0, 0, 0, (byte) 0xc3, '"' });
			byte[] close = socket.getInputStream().readNBytes(4);
			assertThat(close[0]).isEqualTo((byte) 0x88);
			assertThat(((close[2] & 0xff) << 8) + (close[3] & 0xff)).isEqualTo(1007);
		}
	}

	@Test
	void plainHttpIsToldToUpgrade() throws Exception {
		try (Socket socket = new Socket(address().getAddress(), address().getPort())) {
			assertThat(talk(socket, "GET / HTTP/1.1\nHost: localhost\n")).startsWith("HTTP/1.1 426 ")
				.contains("sec-websocket-version: 13");
			assertThat(this.exchange.clients()).isZero();
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			nonsense                                                | 400
			POST / HTTP/1.1;Host: localhost;Content-Length: 0       | 426
			GET /other HTTP/1.1;Host: localhost                     | 426
			GET / HTTP/1.1;Host: x;Content-Length: 99999            | 413
			""")
	void whatIsNoHandshakeIsRefused(String request, int status) throws Exception {
		try (Socket socket = new Socket(address().getAddress(), address().getPort())) {
			assertThat(talk(socket, request.replace(';', '\n') + "\n")).startsWith("HTTP/1.1 " + status + " ");
		}
	}

	@Test
	void aHandshakeForAnotherPathOrWithoutAKeyIsRefused() throws Exception {
		try (Socket socket = new Socket(address().getAddress(), address().getPort())) {
			assertThat(talk(socket, UPGRADE.replace("GET / ", "GET /other "))).startsWith("HTTP/1.1 404 ");
		}
		try (Socket socket = new Socket(address().getAddress(), address().getPort())) {
			assertThat(talk(socket, UPGRADE.replaceAll("Sec-WebSocket-Key.*\n", ""))).startsWith("HTTP/1.1 400 ");
		}
	}

	@ParameterizedTest
	@CsvSource({ "http://localhost:8080, 101", "http://127.0.0.1, 101", "https://[::1]:8443, 101",
			"http://127.1.2.3, 101", "http://evil.example, 403", "http://localhost.evil.example, 403",
			"http://127.0.0.1.evil.example, 403", "http://192.0.2.7, 403", "null, 403", "file://, 403", "'', 403",
			"http://evil.example@:x, 403" })
	void onlyPagesOfThisHostMaySpeakToIt(String origin, int status) throws Exception {
		try (Socket socket = new Socket(address().getAddress(), address().getPort())) {
			assertThat(talk(socket, UPGRADE + "Origin: " + origin + "\n")).startsWith("HTTP/1.1 " + status + " ");
		}
	}

	@Test
	void aClientThatDoesNotReadIsClosedAndHoldsUpNobody() throws Exception {
		try (Socket sink = new Socket(address().getAddress(), address().getPort());
				WebSocketPeer caller = new WebSocketPeer(HttpClient.newHttpClient().newWebSocketBuilder(), address())) {
			assertThat(talk(sink, UPGRADE)).startsWith("HTTP/1.1 101 ");
			byte[] register = "{\"jsonrpc\":\"2.0\",\"method\":\"rpc.register\",\"params\":[\"sink\"]}"
				.getBytes(StandardCharsets.UTF_8);
			sink.getOutputStream().write(new byte[] { (byte) 0x81, (byte) (0x80 + register.length), 0, 0, 0, 0 });
			sink.getOutputStream().write(register);
			Awaitility.await().until(() -> {
				caller.ask("1", "rpc.methods", "[]");
				return caller.receive().contains("\"sink\"");
			});
			Awaitility.await().atMost(30, TimeUnit.SECONDS).pollDelay(0, TimeUnit.SECONDS).until(() -> {
				for (int i = 0; i < 1000; i++) {
					caller.tell("sink", "[\"" + "x".repeat(MAX_MESSAGE / 2) + "\"]");
				}
				return caller.isOnline() && this.exchange.clients() == 1;
			});
		}
	}

	private InetSocketAddress address() throws Exception {
		return this.endpoint.listening().get(2, TimeUnit.MINUTES);
	}

	/**
	 * Sends the head of a request and reads the head of the answer.
	 */
	private static String talk(Socket socket, String request) throws IOException {
		socket.setSoTimeout(10_000);
		socket.getOutputStream().write((request + "\n").replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
		StringBuilder head = new StringBuilder();
		int next = 0;
		while (head.indexOf("\r\n\r\n") < 0 && next >= 0) {
			next = socket.getInputStream().read();
			head.append((char) next);
		}
		return head.toString();
	}

}
