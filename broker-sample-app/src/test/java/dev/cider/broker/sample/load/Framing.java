package dev.cider.broker.sample.load;

import java.io.ByteArrayOutputStream;
import java.io.IOException;

import org.jspecify.annotations.Nullable;

/**
 * How frames become bytes.
 */
interface Framing {

	/**
	 * What comes before the first frame.
	 */
	void open(SocketWire wire) throws IOException;

	void write(byte[] frame, ByteArrayOutputStream out);

	/**
	 * Takes a frame out of what came in.
	 * @return {@code null} if there is not all of it yet
	 */
	byte @Nullable [] read(SocketWire wire);

}
