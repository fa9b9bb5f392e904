package dev.cider.broker.sample.zeromq;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.cider.broker.sample.FakeContext;
import dev.cider.broker.sample.exchange.Exchange;
import dev.cider.broker.sample.transport.DealerPeer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * What is special about ZeroMQ.
 */
@Timeout(300)
class ZeroMqEndpointTests {

	private static final int MAX_FRAME = 1024;

	private static final String ECHO = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\",\"params\":[\"hi\"]}";

	private static final String ECHOED = "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[\"hi\"]}";

	private final Exchange exchange = new Exchange(Clock.systemUTC(), false);

	private final FakeContext context = new FakeContext("zeromq");

	private final ZeroMqEndpoint endpoint = new ZeroMqEndpoint(this.context, this.exchange,
			new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), MAX_FRAME, 100);

	private CompletableFuture<Void> served;

	private InetSocketAddress address;

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
		this.address = this.endpoint.listening().get(2, TimeUnit.MINUTES);
	}

	@AfterEach
	void close() throws Exception {
		this.endpoint.close();
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
	void aReqSocketGetsItsEnvelopeBack() {
		try (DealerPeer peer = new DealerPeer(SocketType.REQ, this.address)) {
			peer.send(ECHO);
			assertThat(peer.receive()).isEqualTo(ECHOED);
			peer.send(ECHO);
			assertThat(peer.receive()).isEqualTo(ECHOED);
		}
	}

	@Test
	void aMessageOfManyFramesIsRefusedAndTheNextOneServed() {
		try (DealerPeer peer = new DealerPeer(this.address)) {
			peer.socket().sendMore(ECHO);
			peer.send(ECHO);
			assertThat(peer.receive()).contains("-32700").contains("one frame");
			peer.send(ECHO);
			assertThat(peer.receive()).isEqualTo(ECHOED);
		}
	}

	@Test
	void whatIsNotUtf8IsRefusedAndTheNextMessageServed() {
		try (DealerPeer peer = new DealerPeer(this.address)) {
			peer.socket().send(new byte[] { '"', (byte) 0xc3, '"' });
			assertThat(peer.receive()).contains("-32700").contains("not UTF-8");
			peer.send(ECHO);
			assertThat(peer.receive()).isEqualTo(ECHOED);
		}
	}

	@Test
	void aMessageThatIsFarTooLongCostsTheConnectionAlone() throws Exception {
		try (DealerPeer bystander = new DealerPeer(this.address); DealerPeer offender = new DealerPeer(this.address)) {
			assertThat(bystander.isOnline()).isTrue();
			assertThat(offender.isOnline()).isTrue();
			offender.send("x".repeat(100 * MAX_FRAME));
			Awaitility.await().until(() -> this.exchange.clients() == 1);
			assertThat(bystander.isOnline()).isTrue();
		}
	}

	@Test
	void aProviderThatDoesNotReadIsForgottenAndHoldsUpNobody() throws Exception {
		try (DealerPeer sink = new DealerPeer(this.address); DealerPeer caller = new DealerPeer(this.address)) {
			sink.ask("1", "rpc.register", "[\"sink\"]");
			assertThat(sink.receive()).contains("true");
			Awaitility.await().atMost(40, TimeUnit.SECONDS).pollDelay(0, TimeUnit.SECONDS).until(() -> {
				for (int i = 0; i < 1000; i++) {
					caller.tell("sink", "[\"" + "x".repeat(MAX_FRAME - 100) + "\"]");
				}
				return caller.isOnline() && this.exchange.clients() == 1;
			});
			caller.ask("2", "sink", "[]");
			assertThat(caller.receive()).contains("-32601");
		}
	}

	@Test
	void theEndOfZeroMqsOwnThreadIsACrash() throws Exception {
		ZeroMqEndpoint crashing = new ZeroMqEndpoint(new FakeContext("crashing"), this.exchange,
				new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), MAX_FRAME, 1);
		Set<Thread> before = Thread.getAllStackTraces().keySet();
		CompletableFuture<Void> end = CompletableFuture.runAsync(() -> {
			try {
				crashing.listenAndServe();
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		}, (task) -> new Thread(task).start());
		crashing.listening().get(2, TimeUnit.MINUTES);
		Thread own = Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().startsWith("iothread") && !before.contains(thread))
			.findAny()
			.orElseThrow();
		own.getUncaughtExceptionHandler().uncaughtException(own, new OutOfMemoryError("on purpose"));
		assertThat(end).failsWithin(10, TimeUnit.SECONDS)
			.withThrowableThat()
			.withStackTraceContaining("OutOfMemoryError: on purpose");
		crashing.close();
	}

	@Test
	void noiseIsNoClient() throws Exception {
		try (Socket socket = new Socket(this.address.getAddress(), this.address.getPort());
				DealerPeer peer = new DealerPeer(this.address)) {
			socket.getOutputStream().write("nonsense\n".repeat(100).getBytes(StandardCharsets.US_ASCII));
			assertThat(peer.isOnline()).isTrue();
		}
	}

	@Test
	@Timeout(300)
	void python3ZmqIsServed() throws Exception {
		Path python = Path.of("/usr/bin/python3");
		assumeTrue(Files.isExecutable(python) && run("import zmq").waitFor() == 0, "python3-zmq is not installed");
		Process process = run("import zmq; s = zmq.Context().socket(zmq.REQ); s.connect('tcp://127.0.0.1:"
				+ this.address.getPort() + "'); s.send_string('" + ECHO + "'); print(s.recv_string())");
		String said = new String(process.getInputStream().readAllBytes(), ZMQ.CHARSET);
		assertThat(process.waitFor()).as(said).isZero();
		assertThat(said).isEqualTo(ECHOED + "\n");
		Awaitility.await().until(() -> this.exchange.clients() == 0);
	}

	private static Process run(String program) throws Exception {
		return new ProcessBuilder("/usr/bin/python3", "-c", program).redirectErrorStream(true).start();
	}

}
