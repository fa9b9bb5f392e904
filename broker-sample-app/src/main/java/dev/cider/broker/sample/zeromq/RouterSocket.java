package dev.cider.broker.sample.zeromq;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.zeromq.SocketType;
import org.zeromq.ZMQ;
import org.zeromq.ZMQException;
import zmq.Msg;
import zmq.ZError;
import zmq.io.Metadata;

/**
 * The ROUTER socket. Only one thread uses it.
 */
final class RouterSocket implements AutoCloseable {

	/** How many messages ZeroMQ may queue to or from one client. */
	private static final int HIGH_WATER_MARK = 256;

	private static final int LINGER_MILLIS = 200;

	/** How long a client may take for the handshake of ZMTP. */
	private static final int HANDSHAKE_MILLIS = 10_000;

	private final ZMQ.Socket socket;

	/**
	 * The message that the socket delivers for a client whose connection has ended. It is
	 * random: no client can send it.
	 */
	private final byte[] goodbye = UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII);

	private final Connections connections;

	RouterSocket(ZMQ.Context context, int maxFrameLength, int maxConnections) {
		int maxSize = 2 * maxFrameLength;
		this.connections = new Connections(maxConnections, maxSize);
		this.socket = context.socket(SocketType.ROUTER);
		this.socket.setRouterMandatory(true);
		this.socket.base().setSocketOpt(zmq.ZMQ.ZMQ_DISCONNECT_MSG, this.goodbye);
		this.socket.setTCPKeepAlive(1);
		this.socket.setHWM(HIGH_WATER_MARK);
		this.socket.setLinger(LINGER_MILLIS);
		// A message that is a little too long gets an error answer. For one that is far
		// too long, ZeroMQ ends the connection before it allocates the memory.
		this.socket.setMaxMsgSize(maxSize);
		this.socket.setHandshakeIvl(HANDSHAKE_MILLIS);
		// With a ZAP domain, ZeroMQ refuses peers of the protocol's versions 1 and 2. It
		// takes an HTTP request for such a peer, and a web page can make a browser post
		// to any local port. There is no ZAP handler, so all other peers are accepted.
		this.socket.setZapDomain("sample");
		this.socket.base().setSocketOpt(zmq.ZMQ.ZMQ_MSG_ALLOCATOR, this.connections);
		this.socket.base().setEventHook(this.connections, Connections.EVENTS);
	}

	/**
	 * Binds the socket.
	 * @param address the address to listen on, port 0 for any free port
	 * @return the address with the real port
	 * @throws IOException if the port cannot be bound
	 */
	InetSocketAddress bind(InetSocketAddress address) throws IOException {
		InetAddress host = address.getAddress();
		boolean six = host instanceof Inet6Address;
		this.socket.setIPv6(six);
		String port = (address.getPort() != 0) ? Integer.toString(address.getPort()) : "*";
		try {
			this.socket.bind("tcp://" + (six ? "[" + host.getHostAddress() + "]" : host.getHostAddress()) + ":" + port);
		}
		catch (RuntimeException ex) {
			throw new IOException("Cannot listen on " + address + ": " + ex.getMessage(), ex);
		}
		String bound = this.socket.getLastEndpoint();
		return new InetSocketAddress(host, Integer.parseInt(bound.substring(bound.lastIndexOf(':') + 1)));
	}

	/**
	 * Makes a selector wake when there may be something to receive, once
	 * {@link #hasInput} has said that there is nothing.
	 */
	void register(Selector selector) throws ClosedChannelException {
		this.socket.getFD().register(selector, SelectionKey.OP_READ);
	}

	boolean hasInput() {
		return (this.socket.getEvents() & ZMQ.Poller.POLLIN) != 0;
	}

	/**
	 * Takes the next message, if there is one.
	 */
	@Nullable ZmqMessage receive() {
		byte[] identity = this.socket.recv(ZMQ.DONTWAIT);
		if (identity == null) {
			return null;
		}
		String peer = null;
		byte[] body = null;
		boolean enveloped = false;
		for (int frame = 0; this.socket.hasReceiveMore(); frame++) {
			Msg message = this.socket.recvMsg();
			byte[] content = message.data();
			Metadata metadata = message.getMetadata();
			peer = (metadata != null) ? metadata.get(Metadata.PEER_ADDRESS) : null;
			if (frame == 0 && content.length == 0 && this.socket.hasReceiveMore()) {
				enveloped = true;
			}
			else {
				body = (frame == (enveloped ? 1 : 0)) ? content : null;
			}
		}
		return new ZmqMessage(identity, peer, enveloped, body);
	}

	boolean isGoodbye(ZmqMessage message) {
		return Arrays.equals(message.body(), this.goodbye);
	}

	/**
	 * Sends the whole message, or no part of it.
	 */
	Delivery send(ZmqMessage message) {
		try {
			if (!this.socket.send(message.identity(), ZMQ.SNDMORE | ZMQ.DONTWAIT)) {
				return Delivery.FULL;
			}
			if (message.enveloped()) {
				this.socket.send(new byte[0], ZMQ.SNDMORE | ZMQ.DONTWAIT);
			}
			byte[] body = message.body();
			this.socket.send((body != null) ? body : new byte[0], ZMQ.DONTWAIT);
			return Delivery.SENT;
		}
		catch (ZMQException ex) {
			if (ex.getErrorCode() == ZError.EHOSTUNREACH) {
				return Delivery.GONE;
			}
			throw ex;
		}
	}

	/**
	 * Ends a connection, if it exists.
	 * @param peer the address of the peer
	 */
	void cut(@Nullable String peer) {
		this.connections.cut(peer);
	}

	@Override
	public void close() {
		this.socket.close();
	}

	enum Delivery {

		/** ZeroMQ has taken the message. */
		SENT,

		/** The client's queue has no room now. */
		FULL,

		/** There is no such client. */
		GONE

	}

}
