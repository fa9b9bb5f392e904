package dev.cider.broker.sample.transport;

import java.net.InetSocketAddress;

import org.jspecify.annotations.Nullable;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;

/**
 * Speaks through a JeroMQ socket with a context of its own.
 */
public class DealerPeer implements Peer {

	/**
	 * Some two in a hundred connections of a JeroMQ client stand still in the handshake,
	 * whatever the server; it has to try again by itself. Clients on libzmq do not.
	 */
	private static final int HANDSHAKE_MILLIS = 500;

	private final ZMQ.Context context = ZMQ.context(1);

	private final ZMQ.Socket socket;

	private boolean closed;

	public DealerPeer(InetSocketAddress address) {
		this(SocketType.DEALER, address);
	}

	public DealerPeer(SocketType type, InetSocketAddress address) {
		this.socket = this.context.socket(type);
		this.socket.setHandshakeIvl(HANDSHAKE_MILLIS);
		this.socket.setReceiveTimeOut(LIMIT_SECONDS * 1000);
		this.socket.connect("tcp://" + address.getAddress().getHostAddress() + ":" + address.getPort());
	}

	public ZMQ.Socket socket() {
		return this.socket;
	}

	@Override
	public void send(String frame) {
		this.socket.send(frame.getBytes(ZMQ.CHARSET));
	}

	@Override
	public @Nullable String receive() {
		byte[] frame = this.socket.recv();
		if (frame == null) {
			throw new AssertionError("Nothing came");
		}
		return new String(frame, ZMQ.CHARSET);
	}

	@Override
	public void vanish() {
		leave(0);
	}

	@Override
	public void close() {
		leave(1000);
	}

	private void leave(int lingerMillis) {
		if (!this.closed) {
			this.closed = true;
			this.socket.setLinger(lingerMillis);
			this.socket.close();
			this.context.term();
		}
	}

}
