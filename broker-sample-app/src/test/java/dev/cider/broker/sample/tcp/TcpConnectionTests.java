package dev.cider.broker.sample.tcp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.cider.broker.sample.FakeContext;
import dev.cider.broker.sample.exchange.Exchange;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Lines, and what clients do to them.
 */
@Timeout(300)
class TcpConnectionTests {

	private static final String PARSE_ERROR = "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,";

	private final Exchange exchange = new Exchange(Clock.systemUTC(), false);

	private Run run;

	private LineClient client;

	@BeforeEach
	void connect() throws Exception {
		this.run = new Run(this.exchange);
		this.client = this.run.connect();
	}

	@AfterEach
	void disconnect() throws Exception {
		this.client.close();
		assertThat(this.run.isServing()).isTrue();
		this.run.close();
		assertThat(this.run.end()).isNull();
		assertThat(this.exchange.clients()).isZero();
	}

	@Test
	void aLineIsAnsweredWithALine() throws Exception {
		this.client.write("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\",\"params\":[\"hi\"]}\n");
		assertThat(this.client.read()).isEqualTo("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[\"hi\"]}");
	}

	@Test
	void aLineMayComeByteByByte() throws Exception {
		for (byte each : request("1", "\u00e9\ud83d\ude00").getBytes(StandardCharsets.UTF_8)) {
			this.client.write(new byte[] { each });
		}
		assertThat(this.client.read()).isEqualTo(answer("1", "\u00e9\ud83d\ude00"));
	}

	@Test
	void manyLinesMayComeAtOnceAndAreAnsweredInOrder() throws Exception {
		StringBuilder lines = new StringBuilder();
		for (int i = 0; i < 1000; i++) {
			lines.append(request("" + i, "x"));
		}
		this.client.write(lines.toString());
		for (int i = 0; i < 1000; i++) {
			assertThat(this.client.read()).isEqualTo(answer("" + i, "x"));
		}
	}

	@Test
	void aLineMayEndWithCarriageReturnAndLineFeedAndEmptyLinesAreSkipped() throws Exception {
		this.client.write("\r\n\n" + request("1", "x").replace("\n", "\r\n\r\n\n") + request("2", "y"));
		assertThat(this.client.read()).isEqualTo(answer("1", "x"));
		assertThat(this.client.read()).isEqualTo(answer("2", "y"));
	}

	@Test
	void whatIsCutOffBeforeItsLineEndIsDropped() throws Exception {
		this.client.write(request("1", "x").replace("\n", ""));
		this.client.endOutput();
		assertThat(this.client.read()).isNull();
	}

	@Test
	void aClientThatSendsNothingMoreStillGetsItsAnswers() throws Exception {
		try (LineClient provider = this.run.connect()) {
			provider.ask("0", "rpc.register", "[\"f\"]").read();
			this.client.write(request("1", "x")).ask("2", "f", "[]").endOutput();
			assertThat(this.client.read()).isEqualTo(answer("1", "x"));
			assertThat(provider.read()).contains("\"method\":\"f\"");
			provider.write("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":true}\n");
			assertThat(this.client.read()).isEqualTo("{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":true}");
			assertThat(this.client.read()).isNull();
		}
	}

	@Test
	void aLineOfFullLengthIsServedHoweverItArrives() throws Exception {
		String line = request("1", "");
		line = request("1", "x".repeat(Run.MAX_LINE - (line.length() - 1)));
		assertThat(line).hasSize(Run.MAX_LINE + 1);
		this.client.write(line.replace("\n", "\r"));
		assertThat(isOnline()).isTrue();
		this.client.write("\n");
		assertThat(this.client.read()).contains("xxx");
	}

	@Test
	void aLineThatIsTooLongIsRefusedOnceAndTheNextOneServed() throws Exception {
		this.client.write("x".repeat(Run.MAX_LINE + 1) + "\n");
		assertThat(this.client.read()).startsWith(PARSE_ERROR).contains("a line is over the limit of 1024 bytes");
		this.client.write("[".repeat(100 * Run.MAX_LINE));
		assertThat(this.client.read()).startsWith(PARSE_ERROR).contains("over the limit");
		this.client.write("]".repeat(Run.MAX_LINE) + "\n" + request("1", "x"));
		assertThat(this.client.read()).isEqualTo(answer("1", "x"));
	}

	@Test
	void whatIsNotUtf8IsRefusedAndTheNextLineServed() throws Exception {
		this.client.write(new byte[] { '"', (byte) 0xc3, '"', '\n' }).write(request("1", "x"));
		assertThat(this.client.read()).startsWith(PARSE_ERROR).contains("a line is not UTF-8");
		assertThat(this.client.read()).isEqualTo(answer("1", "x"));
	}

	@Test
	void aBrowserCannotSmuggleRequestsInAPost() throws Exception {
		try (LineClient provider = this.run.connect()) {
			provider.ask("0", "rpc.register", "[\"f\"]").read();
			this.client.write("POST / HTTP/1.1\r\nHost: localhost\r\n\r\n{\"jsonrpc\":\"2.0\",\"method\":\"f\"}\n");
			assertThat(this.client.read()).startsWith(PARSE_ERROR);
			assertThat(this.client.read()).isNull();
			assertThat(provider.ask("1", "echo", "[]").read())
				.isEqualTo("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[]}");
		}
	}

	@Test
	void aClientThatDoesNotReadHoldsUpOnlyItself() throws Exception {
		byte[] requests = request("1", "x".repeat(Run.MAX_LINE / 2)).repeat(100).getBytes(StandardCharsets.UTF_8);
		int times = 500;
		CompletableFuture<Void> written = CompletableFuture.runAsync(() -> {
			try {
				for (int i = 0; i < times; i++) {
					this.client.write(requests);
				}
			}
			catch (IOException ex) {
				throw new IllegalStateException(ex);
			}
		});
		for (int i = 0; i < 100; i++) {
			assertThat(isOnline()).isTrue();
		}
		assertThat(written).isNotDone();
		for (int i = 0; i < times * 100; i++) {
			assertThat(this.client.read()).isNotNull();
		}
		written.get(2, TimeUnit.MINUTES);
	}

	@Test
	void aProviderThatDoesNotReadIsClosedBeforeItFillsTheMemory() throws Exception {
		this.client.ask("0", "rpc.register", "[\"sink\"]").read();
		String calls = request("1", "x".repeat(Run.MAX_LINE / 2)).replace("echo", "sink")
			.replace("\"id\":1,", "")
			.repeat(1000);
		try (LineClient caller = this.run.connect()) {
			Awaitility.await().atMost(30, TimeUnit.SECONDS).pollDelay(0, TimeUnit.SECONDS).until(() -> {
				caller.write(calls);
				return caller.isOnline() && this.exchange.clients() == 1;
			});
		}
	}

	@Test
	void aThousandBadInputsHarmNobody() throws Exception {
		long seed = System.nanoTime();
		System.out.println("Seed of the bad inputs: " + seed);
		Random random = new Random(seed);
		try (LineClient bystander = this.run.connect()) {
			for (int i = 0; i < 1000; i++) {
				try (LineClient bad = this.run.connect()) {
					// Who begins with JSON may go on with anything
					assertThat(bad.isOnline()).isTrue();
					bad.write(badInput(random)).write("\n").write(request("7", "still here"));
					String line = bad.read();
					while (line != null && !line.equals(answer("7", "still here"))) {
						// A hit can make a batch of it, which is answered as one
						assertThat(line).as("seed %d, input %d", seed, i).matches("(?s)\\[?\\{\"jsonrpc\":\"2.0\",.*");
						line = bad.read();
					}
					assertThat(line).as("seed %d, input %d", seed, i).isNotNull();
				}
				if (i % 50 == 0) {
					assertThat(bystander.isOnline()).isTrue();
				}
			}
		}
	}

	/**
	 * Noise, or a request that was hit by some.
	 */
	private static byte[] badInput(Random random) {
		ByteArrayOutputStream input = new ByteArrayOutputStream();
		if (random.nextBoolean()) {
			byte[] noise = new byte[random.nextInt(3 * Run.MAX_LINE)];
			random.nextBytes(noise);
			input.writeBytes(noise);
		}
		for (int line = random.nextInt(5); line > 0; line--) {
			byte[] request = request("[1]", "x\u00e9").getBytes(StandardCharsets.UTF_8);
			for (int hit = random.nextInt(4); hit > 0; hit--) {
				byte[] marks = "{}[]\",:\\\n\r01e-tfn \u0000".getBytes(StandardCharsets.UTF_8);
				request[random.nextInt(request.length)] = marks[random.nextInt(marks.length)];
			}
			input.write(request, 0, random.nextInt(request.length + 1));
		}
		return input.toByteArray();
	}

	private boolean isOnline() throws Exception {
		try (LineClient other = this.run.connect()) {
			return other.isOnline();
		}
	}

	@Test
	void whoSendsNothingMoreMayWaitForAnswersForHalfAMinute() throws Exception {
		this.client.ask("1", "rpc.register", "[\"slow\"]");
		this.client.read();
		TcpEndpoint endpoint = new TcpEndpoint(new FakeContext("tcp"), this.exchange, this.run.address(), 1000, 1);
		EmbeddedChannel channel = new EmbeddedChannel(new TcpConnection(endpoint, this.exchange, 1000));
		channel.freezeTime();
		channel.writeInbound(
				Unpooled.copiedBuffer("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"slow\"}", StandardCharsets.UTF_8));
		channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
		channel.advanceTimeBy(29, TimeUnit.SECONDS);
		channel.runScheduledPendingTasks();
		assertThat(channel.isOpen()).isTrue();
		channel.advanceTimeBy(1, TimeUnit.SECONDS);
		channel.runScheduledPendingTasks();
		assertThat(channel.isOpen()).isFalse();
		endpoint.close();
	}

	private static String request(String id, String text) {
		return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"echo\",\"params\":[\"" + text + "\"]}\n";
	}

	private static String answer(String id, String text) {
		return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":[\"" + text + "\"]}";
	}

}
