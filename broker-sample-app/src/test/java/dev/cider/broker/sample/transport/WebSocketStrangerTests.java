package dev.cider.broker.sample.transport;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Strangers on the WebSocket port.
 */
class WebSocketStrangerTests extends StrangerContract {

	private static final int LAST = 0x80;

	private static final int TEXT = 1;

	private static final int CONTINUATION = 0;

	private static final String UPGRADE = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
			+ "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

	WebSocketStrangerTests() {
		super(Transport.WEBSOCKET);
	}

	@Override
	byte[] greeting() {
		return UPGRADE.getBytes(StandardCharsets.US_ASCII);
	}

	@Override
	String greeted() {
		return "\r\n\r\n";
	}

	@Override
	byte[] message(String frame) {
		return frame(LAST | TEXT, frame.getBytes(StandardCharsets.UTF_8));
	}

	@Override
	String crowded() {
		return "HTTP/1.1 503 Service Unavailable\r\n";
	}

	/**
	 * A frame with a mask of zeros.
	 */
	private static byte[] frame(int bits, byte[] payload) {
		return join(head(bits, payload.length), payload);
	}

	private static byte[] head(int bits, long length) {
		ByteBuffer head = ByteBuffer.allocate(14).put((byte) bits);
		if (length < 126) {
			head.put((byte) (0x80 | length));
		}
		else if (length < 65536) {
			head.put((byte) (0x80 | 126)).putShort((short) length);
		}
		else {
			head.put((byte) (0x80 | 127)).putLong(length);
		}
		head.putInt(0).flip();
		byte[] bytes = new byte[head.remaining()];
		head.get(bytes);
		return bytes;
	}

	@Test
	void aHugeFrameIsRefusedAndNotKept() throws Exception {
		Stranger stranger = regular();
		stranger.write(head(LAST | TEXT, FLOOD * 1024L * 1024));
		flood(stranger, new byte[1024 * 1024]);
		assertStatus(stranger, 1009);
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 100 })
	void aMessageOfEndlessFragmentsIsRefusedAndNotKept(int length) throws Exception {
		Stranger stranger = regular();
		stranger.write(frame(TEXT, new byte[0]));
		byte[] fragment = frame(CONTINUATION, new byte[length]);
		ByteBuffer many = ByteBuffer.allocate(10_000 * fragment.length);
		for (int i = 0; i < 10_000; i++) {
			many.put(fragment);
		}
		flood(stranger, many.array());
		if (length > 0) {
			assertStatus(stranger, 1009);
		}
	}

	private static void assertStatus(Stranger stranger, int status) throws Exception {
		// A flag and the length, the status, and what it means
		assertThat(stranger.readToEnd())
			.matches("(?s)\\x88." + (char) (status >> 8) + Pattern.quote("" + (char) (status & 0xff)) + ".*|");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nX: ",
			"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n" })
	void aHugeRequestIsRefusedAndNotKept(String beginning) throws Exception {
		Stranger stranger = stranger();
		stranger.write(beginning);
		assertThat(flood(stranger, "x".repeat(1024 * 1024).getBytes(StandardCharsets.US_ASCII)))
			.isLessThan(FLOOD * 1024L * 1024);
	}

	@Test
	void whoHasShakenHandsAndSaysNothingMoreGivesWayWithAStatus() throws Exception {
		Stranger first = stranger();
		first.write(UPGRADE);
		assertThat(first.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 101 ");
		for (int i = 0; i < Transport.MAX_CONNECTIONS; i++) {
			stranger();
		}
		assertStatus(first, 1013);
	}

}
