package dev.cider.broker.sample.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What strangers on a port cannot do: whatever they send, or do not send, somebody else
 * is served meanwhile, by the same incarnation, and the memory is not filled.
 */
@Timeout(300)
abstract class StrangerContract {

	/** How many connections there are at once. */
	static final int CROWD = Integer.getInteger("broker.crowd", 300);

	/** How many megabytes a stranger sends. */
	static final int FLOOD = Integer.getInteger("broker.flood", 20);

	/**
	 * What may stay in memory for one stranger: a client that does not read may have 8 MB
	 * waiting for it.
	 */
	private static final int MAX_KEPT = 20;

	static final String ECHO = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"echo\",\"params\":[\"h\u00e9\ud83d\ude00\"]}";

	/** As {@link Stranger} reads it. */
	static final String ECHOED = new String(
			"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":[\"h\u00e9\ud83d\ude00\"]}".getBytes(StandardCharsets.UTF_8),
			StandardCharsets.ISO_8859_1);

	private final Transport transport;

	private final List<Stranger> strangers = new ArrayList<>();

	private Network network;

	private Peer bystander;

	StrangerContract(Transport transport) {
		this.transport = transport;
	}

	/**
	 * What a client says before its first message.
	 */
	abstract byte[] greeting();

	/**
	 * How the answer to the greeting ends.
	 */
	abstract String greeted();

	/**
	 * A message, as it is on the wire.
	 */
	abstract byte[] message(String frame);

	/**
	 * What those are told who have to give way before they have said anything.
	 */
	abstract String crowded();

	@BeforeEach
	void open() throws Exception {
		this.network = new Network();
		this.bystander = this.network.connect(this.transport);
	}

	@AfterEach
	void onlyTheStrangersAreGone() throws Exception {
		assertServed();
		leave();
		Awaitility.await().until(() -> network().exchange().clients() == 1);
		assertServed();
		this.bystander.close();
		this.network.close();
	}

	private void leave() throws IOException {
		for (Stranger stranger : this.strangers) {
			stranger.close();
		}
		this.strangers.clear();
	}

	final Network network() {
		return this.network;
	}

	final Stranger stranger() throws IOException {
		Stranger stranger = new Stranger(this.network.address(this.transport));
		this.strangers.add(stranger);
		return stranger;
	}

	/**
	 * One who has said hello in the right way.
	 */
	final Stranger regular() throws IOException {
		Stranger stranger = stranger();
		stranger.write(greeting());
		assertThat(stranger.readUntil(greeted())).endsWith(greeted());
		stranger.write(message(ECHO));
		assertThat(stranger.readUntil(ECHOED)).endsWith(ECHOED);
		return stranger;
	}

	final void assertServed() throws Exception {
		assertThat(this.bystander.isOnline()).isTrue();
		assertThat(this.network.state(this.transport).incarnation()).isEqualTo(1);
		try (Peer newcomer = this.network.connect(this.transport)) {
			assertThat(newcomer.isOnline()).isTrue();
		}
	}

	@Test
	void noiseHarmsNobody() throws Exception {
		long seed = System.nanoTime();
		System.out.println("Seed of the noise: " + seed);
		Random random = new Random(seed);
		for (int i = 0; i < 200; i++) {
			byte[] noise = new byte[random.nextInt(4 * Transport.MAX_FRAME)];
			random.nextBytes(noise);
			Stranger stranger = stranger();
			if (random.nextBoolean()) {
				byte[] greeting = greeting();
				stranger.write(Arrays.copyOf(greeting, random.nextInt(greeting.length + 1)));
			}
			stranger.write(noise);
			if (i % 20 == 0) {
				assertServed();
				// A line of noise is a line: these would take all the places
				leave();
			}
		}
	}

	@Test
	void whatBeginsAndNeverEndsHoldsUpNobodyWhereverItStops() throws Exception {
		byte[] whole = join(greeting(), message(ECHO));
		Memory before = Memory.now();
		for (int length = 0; length < whole.length; length++) {
			assertThat(stranger().write(Arrays.copyOf(whole, length))).isTrue();
		}
		assertServed();
		assertThat(Memory.now().since(before)).isLessThan(MAX_KEPT);
	}

	@Test
	void manyWhoSendByteByByteAreServedInTheEndAndHoldUpNobody() throws Exception {
		List<Stranger> slow = new ArrayList<>();
		for (int i = 0; i < Transport.MAX_CONNECTIONS / 2; i++) {
			slow.add(stranger());
		}
		writeSlowly(slow, greeting());
		for (Stranger each : slow) {
			assertThat(each.readUntil(greeted())).endsWith(greeted());
		}
		writeSlowly(slow, message(ECHO));
		for (Stranger each : slow) {
			assertThat(each.readUntil(ECHOED)).endsWith(ECHOED);
		}
	}

	private void writeSlowly(List<Stranger> slow, byte[] bytes) throws Exception {
		for (int i = 0; i < bytes.length; i++) {
			for (Stranger each : slow) {
				assertThat(each.write(bytes[i])).isTrue();
			}
			if (i % 50 == 0) {
				assertServed();
			}
		}
	}

	@Test
	void thoseWhoOnlyHoldConnectionsGiveWayAndKeepNobodyOut() throws Exception {
		Memory before = Memory.now();
		List<Stranger> crowd = new ArrayList<>();
		for (int i = 0; i < CROWD; i++) {
			crowd.add(stranger());
			if (i % 1000 == 0) {
				assertServed();
			}
		}
		assertServed();
		System.out.println(this.transport + ": " + CROWD + " connections: " + before + ", then " + Memory.now());
		// The oldest first; one place is the bystander's
		for (Stranger each : crowd.subList(0, CROWD - Transport.MAX_CONNECTIONS)) {
			assertThat(each.readToEnd()).contains(crowded());
		}
		Stranger last = crowd.get(CROWD - 1);
		last.write(greeting());
		assertThat(last.readUntil(greeted())).endsWith(greeted());
		last.write(message(ECHO));
		assertThat(last.readUntil(ECHOED)).endsWith(ECHOED);
		assertThat(Memory.now().since(before)).isLessThan(MAX_KEPT);
	}

	@Test
	void whereAllHaveSpokenTheNextOneIsTurnedAway() throws Exception {
		List<Stranger> regulars = new ArrayList<>();
		for (int i = 1; i < Transport.MAX_CONNECTIONS; i++) {
			regulars.add(regular());
		}
		Stranger late = stranger();
		assertThat(late.readToEnd()).contains(crowded());
		assertThat(this.bystander.isOnline()).isTrue();
		regulars.remove(0).close();
		Awaitility.await().until(() -> network().exchange().clients() == Transport.MAX_CONNECTIONS - 1);
		assertServed();
	}

	/** After a first one: what the server keeps in its pools, it keeps once. */
	@Test
	void whoAsksAndNeverReadsFillsNoMemory() throws Exception {
		floodWithQuestions();
		leave();
		Awaitility.await().until(() -> this.network.exchange().clients() == 1);
		Memory before = Memory.now();
		long sent = floodWithQuestions();
		assertServed();
		Memory after = Memory.now();
		System.out.println(this.transport + ": " + sent + " bytes sent, nothing read: " + before + ", then " + after);
		assertThat(after.since(before)).isLessThan(MAX_KEPT);
	}

	/** Returns how much the server has taken, in bytes. */
	private long floodWithQuestions() throws Exception {
		Stranger deaf = regular();
		byte[] message = message(ECHO.replace("\u00e9", "x".repeat(Transport.MAX_FRAME / 2)));
		ByteBuffer flood = ByteBuffer.allocate(1000 * message.length);
		for (int i = 0; i < 1000; i++) {
			flood.put(message);
		}
		flood.flip();
		long sent = 0;
		int refused = 0;
		while (sent < FLOOD * 1024L * 1024 && refused < 50) {
			int pushed = deaf.push(flood);
			if (pushed < 0) {
				break;
			}
			if (!flood.hasRemaining()) {
				flood.rewind();
			}
			sent += pushed;
			refused = (pushed == 0) ? refused + 1 : 0;
			if (pushed == 0) {
				assertThat(this.bystander.isOnline()).isTrue();
			}
		}
		return sent;
	}

	@Test
	void whoAsksForMuchAtOnceAndNeverReadsIsNotGivenItAll() throws Exception {
		try (Peer provider = this.network.connect(this.transport)) {
			for (int i = 0; i < 1000; i++) {
				provider.tell("rpc.register", "[\"" + "m".repeat(120) + i + "\"]");
			}
			assertThat(provider.isOnline()).isTrue();
			Stranger deaf = regular();
			long before = this.network.exchange().calls();
			byte[][] questions = new byte[1000][];
			Arrays.fill(questions, message("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"rpc.methods\"}"));
			deaf.write(join(questions));
			Awaitility.await().until(() -> this.network.exchange().calls() > before);
			assertServed();
			// Each answer has more than 120 KB
			assertThat(this.network.exchange().calls() - before).isLessThan(500);
		}
	}

	/**
	 * Sends something for ever, as it seems, to see that it is not kept.
	 * @return how many bytes the server took until it closed the connection
	 */
	final long flood(Stranger stranger, byte[] bytes) throws Exception {
		Memory before = Memory.now();
		long sent = 0;
		while (sent < FLOOD * 1024L * 1024 && stranger.write(bytes)) {
			sent += bytes.length;
		}
		Memory after = Memory.now();
		System.out.println(this.transport + ": " + sent + " bytes sent: " + before + ", then " + after);
		assertThat(after.since(before)).isLessThan(MAX_KEPT);
		assertServed();
		return sent;
	}

	static byte[] join(byte[]... parts) {
		ByteBuffer whole = ByteBuffer.allocate(Arrays.stream(parts).mapToInt((part) -> part.length).sum());
		for (byte[] part : parts) {
			whole.put(part);
		}
		return whole.array();
	}

}
