package dev.cider.broker.sample.load;

import java.io.ByteArrayOutputStream;

import org.jspecify.annotations.Nullable;

/**
 * A line for a frame.
 */
final class LineFraming implements Framing {

	@Override
	public void open(SocketWire wire) {
	}

	@Override
	public void write(byte[] frame, ByteArrayOutputStream out) {
		out.write(frame, 0, frame.length);
		out.write('\n');
	}

	@Override
	public byte @Nullable [] read(SocketWire wire) {
		for (int i = 0; i < wire.available(); i++) {
			if (wire.peek(i) == '\n') {
				byte[] line = wire.take(i);
				wire.take(1);
				return line;
			}
		}
		return null;
	}

}
