package dev.cider.broker.sample.zeromq;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import zmq.Msg;
import zmq.ZMQ;
import zmq.io.Metadata;
import zmq.io.net.Address;
import zmq.msg.MsgAllocator;

/**
 * All connections of the socket, seen from ZeroMQ's own thread, and the limits that
 * ZeroMQ does not have: how many connections there are, how many frames a message has,
 * which it keeps until the last one has come, and frames that are said to be of a
 * negative length, for which it makes room all the same.
 * <p>
 * Where there are too many connections, whoever has been there for longest without a
 * message gives way. So those who only hold connections keep nobody out.
 */
final class Connections implements ZMQ.EventConsummer, MsgAllocator {

	/** What the hook has to be told. */
	static final int EVENTS = ZMQ.ZMQ_EVENT_ACCEPTED | ZMQ.ZMQ_EVENT_DISCONNECTED;

	private static final Logger logger = LoggerFactory.getLogger(Connections.class);

	/** An empty frame and the body are two; that a third is wrong can be said then. */
	private static final int MAX_FRAMES = 3;

	private final int max;

	private final int maxFrameSize;

	/** By what ZeroMQ calls the peer's address; the only thing for any thread. */
	private final Map<String, Connection> byPeer = new ConcurrentHashMap<>();

	private final Set<SocketChannel> open = new HashSet<>();

	/** Those that have not sent a frame yet, the oldest first. */
	private final Set<Connection> silent = new LinkedHashSet<>();

	Connections(int max, int maxFrameSize) {
		this.max = max;
		this.maxFrameSize = maxFrameSize;
	}

	@Override
	public void consume(ZMQ.Event event) {
		if (event.arg instanceof SocketChannel channel) {
			if (event.event == ZMQ.ZMQ_EVENT_ACCEPTED) {
				accepted(channel);
			}
			else {
				left(channel);
			}
		}
	}

	private void accepted(SocketChannel channel) {
		String peer = peer(channel);
		if (peer == null || (this.open.size() >= this.max && !makeRoom())) {
			cut(channel);
			return;
		}
		Connection connection = new Connection(channel);
		this.open.add(channel);
		this.byPeer.put(peer, connection);
		this.silent.add(connection);
	}

	private boolean makeRoom() {
		Iterator<Connection> oldestFirst = this.silent.iterator();
		if (!oldestFirst.hasNext()) {
			return false;
		}
		SocketChannel oldest = oldestFirst.next().channel;
		left(oldest);
		cut(oldest);
		return true;
	}

	private void left(SocketChannel channel) {
		String peer = peer(channel);
		if (this.open.remove(channel) && peer != null) {
			Connection connection = this.byPeer.remove(peer);
			if (connection != null) {
				this.silent.remove(connection);
			}
		}
	}

	private static @Nullable String peer(SocketChannel channel) {
		try {
			SocketAddress address = channel.getRemoteAddress();
			return (address != null) ? new Address(address).address() : null;
		}
		catch (IOException ex) {
			logger.debug("Closed already", ex);
			return null;
		}
	}

	/**
	 * Ends a connection, if it is there. From any thread.
	 * @param peer who is at the other end
	 */
	void cut(@Nullable String peer) {
		Connection connection = (peer != null) ? this.byPeer.get(peer) : null;
		if (connection != null) {
			cut(connection.channel);
		}
	}

	/**
	 * ZeroMQ believes then that the peer has closed the connection, and tidies up.
	 */
	private static void cut(SocketChannel channel) {
		try {
			channel.shutdownInput();
		}
		catch (IOException ex) {
			logger.debug("Closed already", ex);
		}
	}

	@Override
	public Msg allocate(int size) {
		boolean possible = size >= 0 && size <= this.maxFrameSize;
		return new Frame(possible ? size : 0, possible);
	}

	private void received(Frame frame, Metadata metadata) {
		Connection from = this.byPeer.get(metadata.get(Metadata.PEER_ADDRESS));
		if (from == null || frame.isCommand()) {
			return;
		}
		if (!frame.possible) {
			cut(from.channel);
			return;
		}
		this.silent.remove(from);
		from.frames = frame.hasMore() ? from.frames + 1 : 0;
		if (from.frames == MAX_FRAMES) {
			frame.resetFlags(Msg.MORE);
			from.frames = 0;
		}
	}

	private static final class Connection {

		private final SocketChannel channel;

		/** How many there are of the message that is not complete. */
		private int frames;

		Connection(SocketChannel channel) {
			this.channel = channel;
		}

	}

	/**
	 * Learns whose it is before ZeroMQ asks it whether it is the last one.
	 */
	private final class Frame extends Msg {

		private final boolean possible;

		Frame(int size, boolean possible) {
			super(size);
			this.possible = possible;
		}

		@Override
		public Msg setMetadata(@Nullable Metadata metadata) {
			if (metadata != null) {
				received(this, metadata);
			}
			return super.setMetadata(metadata);
		}

	}

}
