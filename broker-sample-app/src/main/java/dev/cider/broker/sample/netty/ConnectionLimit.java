package dev.cider.broker.sample.netty;

import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import io.netty.channel.Channel;

/**
 * Bounds the connections of one endpoint. When there are too many, the oldest silent one
 * gives way: one that has not sent a whole message. So a client that only opens
 * connections keeps no other client out. Used only on the event loop: there is one.
 */
final class ConnectionLimit {

	private final int max;

	private final Set<NettyConnection<?>> all = new HashSet<>();

	/** The connections that have not sent a whole message yet, the oldest first. */
	private final Map<NettyConnection<?>, Channel> silent = new LinkedHashMap<>();

	ConnectionLimit(int max) {
		this.max = max;
	}

	/**
	 * Adds a new connection; at the limit, the oldest silent one gives way.
	 * @return {@code false} if none is silent, so that the new one must be refused
	 */
	boolean enter(NettyConnection<?> connection, Channel channel) {
		if (this.all.size() >= this.max && !makeRoom()) {
			return false;
		}
		this.all.add(connection);
		this.silent.put(connection, channel);
		return true;
	}

	private boolean makeRoom() {
		Iterator<Map.Entry<NettyConnection<?>, Channel>> oldestFirst = this.silent.entrySet().iterator();
		if (!oldestFirst.hasNext()) {
			return false;
		}
		Map.Entry<NettyConnection<?>, Channel> oldest = oldestFirst.next();
		oldestFirst.remove();
		this.all.remove(oldest.getKey());
		oldest.getKey().turnAway(oldest.getValue());
		return true;
	}

	void spoke(NettyConnection<?> connection) {
		this.silent.remove(connection);
	}

	void leave(NettyConnection<?> connection) {
		this.all.remove(connection);
		this.silent.remove(connection);
	}

}
