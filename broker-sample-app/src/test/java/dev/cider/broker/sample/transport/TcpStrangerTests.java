package dev.cider.broker.sample.transport;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Strangers on the TCP port.
 */
class TcpStrangerTests extends StrangerContract {

	private static final String CALL = "\n{\"jsonrpc\":\"2.0\",\"method\":\"f\"}\n";

	TcpStrangerTests() {
		super(Transport.TCP);
	}

	@Override
	byte[] greeting() {
		return "\n".getBytes(StandardCharsets.UTF_8);
	}

	@Override
	String greeted() {
		return "";
	}

	@Override
	byte[] message(String frame) {
		return (frame + "\n").getBytes(StandardCharsets.UTF_8);
	}

	@Override
	String crowded() {
		return "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32005,\"message\":\"there are too many connections\"}}\n";
	}

	@Test
	void aLineWithoutAnEndIsRefusedOnceAndNotKept() throws Exception {
		Stranger stranger = stranger();
		flood(stranger, "[".repeat(1024 * 1024).getBytes(StandardCharsets.UTF_8));
		assertThat(stranger.readUntil("\n")).contains("-32700", "a line is over the limit of 1024 bytes");
		stranger.write("\n" + ECHO + "\n");
		assertThat(stranger.readUntil("\n")).isEqualTo(ECHOED + "\n");
	}

	@ParameterizedTest
	@ValueSource(strings = { "POST / HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET /", "\u0016\u0003\u0001\u0002\u0000",
			"\r\nPOST / HTTP/1.1\r\n", "POST /LONG HTTP/1.1\r\nHost: localhost\r\n\r\n" })
	void whoBeginsAsNoJsonDoesIsOfAnotherProtocolAndSmugglesNothing(String beginning) throws Exception {
		try (Peer provider = network().provider(Transport.TCP, "f")) {
			Stranger stranger = stranger();
			stranger.write(beginning.replace("LONG", "x".repeat(10 * Transport.MAX_FRAME)) + CALL);
			assertThat(stranger.readToEnd()).startsWith("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,")
				.contains("another protocol")
				.hasLineCount(1);
			assertThat(provider.isOnline()).isTrue();
		}
	}

}
