package dev.cider.broker.sample.transport;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Strangers on the ZeroMQ port. What a peer says there is in RFC 23.
 */
class ZeroMqStrangerTests extends StrangerContract {

	private static final int MORE = 1;

	private static final int LONG = 2;

	private static final int COMMAND = 4;

	ZeroMqStrangerTests() {
		super(Transport.ZEROMQ);
	}

	@Override
	byte[] greeting() {
		byte[] hello = ByteBuffer.allocate(64)
			.put(new byte[] { -1, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0 })
			.put("NULL".getBytes(StandardCharsets.US_ASCII))
			.array();
		return join(hello, frame(COMMAND, "\5READY\13Socket-Type\0\0\0\6DEALER".getBytes(StandardCharsets.US_ASCII)));
	}

	@Override
	String greeted() {
		return "Identity\0\0\0\0";
	}

	@Override
	byte[] message(String frame) {
		return frame(0, frame.getBytes(StandardCharsets.UTF_8));
	}

	@Override
	String crowded() {
		return "";
	}

	private static byte[] frame(int flags, byte[] body) {
		return join(head(flags, body.length), body);
	}

	private static byte[] head(int flags, long length) {
		return (length < 256) ? new byte[] { (byte) flags, (byte) length }
				: ByteBuffer.allocate(9).put((byte) (flags | LONG)).putLong(length).array();
	}

	@ParameterizedTest
	@ValueSource(longs = { 100_000_000, Integer.MAX_VALUE, Long.MAX_VALUE, -1 })
	void aHugeFrameCostsTheConnectionWhenItIsAnnounced(long length) throws Exception {
		Stranger stranger = regular();
		stranger.write(ByteBuffer.allocate(9).put((byte) LONG).putLong(length).array());
		assertThat(flood(stranger, new byte[1024 * 1024])).isLessThan(FLOOD * 1024L * 1024);
		assertThat(stranger.readToEnd()).doesNotContain("result");
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1000 })
	void aMessageOfEndlessFramesIsRefusedAgainAndAgainAndNotKept(int length) throws Exception {
		Stranger stranger = regular();
		byte[] frame = frame(MORE, new byte[length]);
		ByteBuffer many = ByteBuffer.allocate(3000 * frame.length);
		for (int i = 0; i < 3000; i++) {
			many.put(frame);
		}
		flood(stranger, many.array());
		assertThat(stranger.readUntil("}}")).contains("-32700", "a message has one frame");
	}

	@Test
	void aBrowserCannotSmuggleRequestsInAPost() throws Exception {
		try (Peer provider = network().provider(Transport.ZEROMQ, "f")) {
			// In the version 1, P is the length of a name, and after that come messages
			String name = "POST / HTTP/1.1\r\nHost: localhost:7072\r\nContent-Length: 32\r\nUser-Agent: M\r\n\r\n";
			String call = "{\"jsonrpc\":\"2.0\",\"method\":\"f\"}";
			Stranger stranger = stranger();
			stranger.write(name + "x".repeat('P' + 1 - name.length()) + (char) (call.length() + 1) + "\0" + call);
			assertThat(stranger.readToEnd()).hasSizeLessThanOrEqualTo(12).doesNotContain("{");
			assertThat(provider.isOnline()).isTrue();
		}
	}

	@ParameterizedTest
	@ValueSource(bytes = { 0, 1 })
	void onlyTheThirdVersionIsSpoken(byte version) throws Exception {
		Stranger stranger = stranger();
		stranger.write((byte) -1, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 0, (byte) 1,
				(byte) 0x7f, version, (byte) 5, (byte) 0, (byte) 0);
		stranger.write(message(ECHO));
		assertThat(stranger.readToEnd()).doesNotContain("{");
	}

	@Test
	void whoDoesNotReadIsCutOff() throws Exception {
		Stranger deaf = regular();
		byte[] request = message("{\"jsonrpc\":\"2.0\",\"method\":\"rpc.register\",\"params\":[\"sink\"]}");
		deaf.write(request);
		try (Peer caller = network().connect(Transport.ZEROMQ)) {
			Awaitility.await().until(() -> {
				caller.ask("1", "rpc.methods", "[]");
				return caller.receive().contains("\"sink\"");
			});
			Awaitility.await().until(() -> {
				for (int i = 0; i < 1000; i++) {
					caller.tell("sink", "[\"" + "x".repeat(Transport.MAX_FRAME - 100) + "\"]");
				}
				return caller.isOnline() && network().exchange().clients() == 2;
			});
			Awaitility.await().until(() -> !deaf.write(request));
		}
	}

}
