package dev.cider.broker.sample.zeromq;

import java.nio.ByteBuffer;

import org.jspecify.annotations.Nullable;

/**
 * A message, and who sent it or is to get it.
 *
 * @param identity the client's identity
 * @param peer the address of the client; {@code null} if it is not known
 * @param enveloped whether an empty frame comes before the body, as REQ sockets want it
 * @param body the body; {@code null} if what came has too many frames or none
 */
record ZmqMessage(byte[] identity, @Nullable String peer, boolean enveloped, byte @Nullable [] body) {

	/**
	 * The identity as a key.
	 */
	ByteBuffer sender() {
		return ByteBuffer.wrap(this.identity);
	}

}
