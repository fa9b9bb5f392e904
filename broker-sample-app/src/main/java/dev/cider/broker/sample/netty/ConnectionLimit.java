package dev.cider.broker.sample.netty;

import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import io.netty.channel.Channel;

/**
 * All connections of one endpoint, and who gives way when there are too many: whoever has
 * been there for longest without a word. So those who only hold connections keep nobody
 * out. Only on the event loop, of which there is one.
 */
final class ConnectionLimit {

	private final int max;

	private final Set<NettyConnection<?>> all = new HashSet<>();

	/** Those who have not said anything yet, the oldest first. */
	private final Map<NettyConnection<?>, Channel> silent = new LinkedHashMap<>();

	ConnectionLimit(int max) {
		this.max = max;
	}

	/**
	 * Takes in a new connection, if need be instead of a silent one.
	 * @return whether there is room for it
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
