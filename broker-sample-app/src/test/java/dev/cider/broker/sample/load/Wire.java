package dev.cider.broker.sample.load;

import java.io.IOException;
import java.net.InetSocketAddress;

import org.jspecify.annotations.Nullable;
import org.zeromq.ZMQ;

/**
 * The leanest client there is, for measuring: one thread at a time, no thread of its own,
 * frames as bytes.
 */
interface Wire extends AutoCloseable {

	/** How long to wait before saying that nothing came. */
	int PATIENCE_MILLIS = 100;

	/**
	 * Sends a frame, at the next {@link #flush} at the latest.
	 */
	void send(byte[] frame) throws IOException;

	void flush() throws IOException;

	/**
	 * The next frame.
	 * @return {@code null} if nothing came
	 */
	byte @Nullable [] receive() throws IOException;

	/**
	 * Whether a part of the next frame is here already.
	 */
	boolean hasMore();

	@Override
	void close() throws IOException;

	static Wire open(Carrier carrier, InetSocketAddress address, ZMQ.Context zmq) throws IOException {
		return switch (carrier) {
			case TCP -> new SocketWire(address, new LineFraming());
			case WEBSOCKET -> new SocketWire(address, new TextFraming(address));
			case ZEROMQ -> new DealerWire(zmq, address);
		};
	}

}
