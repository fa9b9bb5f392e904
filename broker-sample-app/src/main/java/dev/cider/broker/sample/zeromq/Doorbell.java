package dev.cider.broker.sample.zeromq;

import java.util.concurrent.atomic.AtomicBoolean;

import org.zeromq.SocketType;
import org.zeromq.ZMQ;

/**
 * Wakes the thread that owns the sockets. A socket may be used by one thread at a time
 * only, so this pair is what all the others have.
 */
final class Doorbell implements AutoCloseable {

	private static final String ADDRESS = "inproc://doorbell";

	private final ZMQ.Socket inside;

	/** Under the lock: many threads ring, and the owner takes it down in the end. */
	private final ZMQ.Socket outside;

	private final Object lock = new Object();

	private final AtomicBoolean rung = new AtomicBoolean();

	/** Under the lock. */
	private boolean closed;

	Doorbell(ZMQ.Context zmq) {
		this.inside = zmq.socket(SocketType.PAIR);
		this.outside = zmq.socket(SocketType.PAIR);
		this.inside.bind(ADDRESS);
		this.outside.connect(ADDRESS);
	}

	void register(ZMQ.Poller poller) {
		poller.register(this.inside, ZMQ.Poller.POLLIN);
	}

	/**
	 * Wakes the owner, if nobody else has done so since it last answered. From any
	 * thread.
	 */
	void ring() {
		if (this.rung.compareAndSet(false, true)) {
			synchronized (this.lock) {
				if (!this.closed) {
					this.outside.send(new byte[0], ZMQ.DONTWAIT);
				}
			}
		}
	}

	/**
	 * Goes to the door. Whatever was left there before a ring is seen after this.
	 */
	void answer() {
		while (this.inside.recv(ZMQ.DONTWAIT) != null) {
			continue;
		}
		this.rung.set(false);
	}

	@Override
	public void close() {
		synchronized (this.lock) {
			this.closed = true;
			this.outside.close();
		}
		this.inside.close();
	}

}
