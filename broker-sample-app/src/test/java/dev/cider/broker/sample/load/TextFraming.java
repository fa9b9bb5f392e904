package dev.cider.broker.sample.load;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

/**
 * A WebSocket text message for a frame. Knows what it needs: no fragments, no pings.
 */
final class TextFraming implements Framing {

	private static final int TEXT = 0x81;

	private static final int MASKED = 0x80;

	private static final int TWO_BYTES = 126;

	private static final byte[] MASK = { 0x37, (byte) 0xfa, 0x21, 0x3d };

	private final InetSocketAddress address;

	TextFraming(InetSocketAddress address) {
		this.address = address;
	}

	@Override
	public void open(SocketWire wire) throws IOException {
		wire.sendRaw(("GET / HTTP/1.1\r\nHost: 127.0.0.1:" + this.address.getPort()
				+ "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
				+ "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
			.getBytes(StandardCharsets.US_ASCII));
		StringBuilder answer = new StringBuilder();
		while (answer.indexOf("\r\n\r\n") < 0) {
			while (wire.available() == 0) {
				wire.fill();
			}
			answer.append((char) wire.take(1)[0]);
		}
		if (!answer.toString().startsWith("HTTP/1.1 101")) {
			throw new IOException("No WebSocket: " + answer);
		}
	}

	@Override
	public void write(byte[] frame, ByteArrayOutputStream out) {
		out.write(TEXT);
		if (frame.length < TWO_BYTES) {
			out.write(MASKED | frame.length);
		}
		else {
			out.write(MASKED | TWO_BYTES);
			out.write(frame.length >> 8);
			out.write(frame.length);
		}
		out.write(MASK, 0, MASK.length);
		for (int i = 0; i < frame.length; i++) {
			out.write(frame[i] ^ MASK[i & 3]);
		}
	}

	@Override
	public byte @Nullable [] read(SocketWire wire) {
		int available = wire.available();
		if (available < 2) {
			return null;
		}
		int length = wire.peek(1);
		int header = (length == TWO_BYTES) ? 4 : 2;
		if (available < header) {
			return null;
		}
		if (length == TWO_BYTES) {
			length = (wire.peek(2) & 0xff) << 8 | wire.peek(3) & 0xff;
		}
		if (available < header + length) {
			return null;
		}
		wire.take(header);
		return wire.take(length);
	}

}
