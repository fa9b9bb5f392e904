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
 * All connections of the socket, on ZeroMQ's own thread, and the limits that ZeroMQ does
 * not have: for the number of connections; for the frames of a message, as ZeroMQ keeps
 * them all until the last one has come; and for the length of a frame, as ZeroMQ
 * allocates a buffer even for a negative length.
 * <p>
 * When there are too many connections, the oldest silent one gives way: one that has not
 * sent a frame. So a client that only opens connections keeps no other client out.
 */
final class Connections implements ZMQ.EventConsummer, MsgAllocator {

	/** The events for which the hook is called. */
	static final int EVENTS = ZMQ.ZMQ_EVENT_ACCEPTED | ZMQ.ZMQ_EVENT_DISCONNECTED;

	private static final Logger logger = LoggerFactory.getLogger(Connections.class);

	/**
	 * A message has an empty frame and a body: the third frame shows that it is invalid.
	 */
	private static final int MAX_FRAMES = 3;

	private final int max;

	private final int maxFrameSize;

	/** By the peer's address, as ZeroMQ writes it. Any thread may read this map. */
	private final Map<String, Connection> byPeer = new ConcurrentHashMap<>();

	private final Set<SocketChannel> open = new HashSet<>();

	/** Connections that have not sent a frame yet, the oldest first. */
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
	 * Ends a connection, if it exists. Called from any thread.
	 * @param peer the address of the peer
	 */
	void cut(@Nullable String peer) {
		Connection connection = (peer != null) ? this.byPeer.get(peer) : null;
		if (connection != null) {
			cut(connection.channel);
		}
	}

	/**
	 * ZeroMQ then acts as if the peer had closed the connection, and releases it.
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

		/** How many frames of an incomplete message have come. */
		private int frames;

		Connection(SocketChannel channel) {
			this.channel = channel;
		}

	}

	/**
	 * Gets the peer's metadata before ZeroMQ asks whether it is the last frame.
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
