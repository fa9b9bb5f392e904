package dev.cider.broker.sample.zeromq;

import java.nio.ByteBuffer;

import org.jspecify.annotations.Nullable;

/**
 * A message, with the client that sent it or gets it.
 *
 * @param identity the client's identity
 * @param peer the address of the client; {@code null} if it is not known
 * @param enveloped whether an empty frame comes before the body, as with REQ sockets
 * @param body the body; {@code null} if a received message has too many frames or none
 */
record ZmqMessage(byte[] identity, @Nullable String peer, boolean enveloped, byte @Nullable [] body) {

	/**
	 * The client's identity, as a key of a map.
	 */
	ByteBuffer sender() {
		return ByteBuffer.wrap(this.identity);
	}

}
