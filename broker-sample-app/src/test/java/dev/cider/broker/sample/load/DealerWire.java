package dev.cider.broker.sample.load;

import java.net.InetSocketAddress;

import org.jspecify.annotations.Nullable;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;

/**
 * A DEALER socket.
 */
final class DealerWire implements Wire {

	/**
	 * See {@code DealerPeer}: some connections of JeroMQ stand still in the handshake.
	 */
	private static final int HANDSHAKE_MILLIS = 500;

	private final ZMQ.Socket socket;

	DealerWire(ZMQ.Context zmq, InetSocketAddress address) {
		this.socket = zmq.socket(SocketType.DEALER);
		this.socket.setHandshakeIvl(HANDSHAKE_MILLIS);
		this.socket.setReceiveTimeOut(PATIENCE_MILLIS);
		this.socket.setLinger(0);
		this.socket.connect("tcp://" + address.getAddress().getHostAddress() + ":" + address.getPort());
	}

	@Override
	public void send(byte[] frame) {
		this.socket.send(frame);
	}

	@Override
	public void flush() {
	}

	@Override
	public byte @Nullable [] receive() {
		return this.socket.recv();
	}

	@Override
	public boolean hasMore() {
		return false;
	}

	@Override
	public void close() {
		this.socket.close();
	}

}
