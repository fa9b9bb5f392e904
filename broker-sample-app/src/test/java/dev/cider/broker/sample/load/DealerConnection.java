package dev.cider.broker.sample.load;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import org.zeromq.SocketType;
import org.zeromq.ZEvent;
import org.zeromq.ZMQ;

/**
 * Messages over a DEALER socket. A thread of its own owns the socket, others ring it. A
 * DEALER connects again behind one's back; here the first loss ends it, so that it is
 * known which answers cannot come any more.
 */
final class DealerConnection implements Connection {

	/**
	 * See {@code DealerPeer}: some connections of JeroMQ stand still in the handshake.
	 */
	private static final int HANDSHAKE_MILLIS = 500;

	private static final int LINGER_MILLIS = 500;

	private static final AtomicLong names = new AtomicLong();

	private final ZMQ.Context zmq;

	private final InetSocketAddress address;

	private final Ear ear;

	private final Queue<byte[]> unsent = new ConcurrentLinkedQueue<>();

	private final AtomicBoolean rung = new AtomicBoolean();

	/** Under the lock. */
	private final ZMQ.Socket bell;

	private final Object lock = new Object();

	/** Under the lock. */
	private boolean bellTakenDown;

	private volatile boolean leaving;

	private volatile int linger = LINGER_MILLIS;

	DealerConnection(ZMQ.Context zmq, InetSocketAddress address, Ear ear) {
		this.zmq = zmq;
		this.address = address;
		this.ear = ear;
		String name = "inproc://bell-" + names.incrementAndGet();
		ZMQ.Socket inside = zmq.socket(SocketType.PAIR);
		inside.bind(name);
		this.bell = zmq.socket(SocketType.PAIR);
		this.bell.connect(name);
		Thread owner = new Thread(() -> own(inside), "load-dealer");
		owner.setDaemon(true);
		owner.start();
	}

	private void own(ZMQ.Socket inside) {
		ZMQ.Socket socket = this.zmq.socket(SocketType.DEALER);
		ZMQ.Socket events = this.zmq.socket(SocketType.PAIR);
		try (ZMQ.Poller poller = this.zmq.poller(3)) {
			String name = "inproc://events-" + names.incrementAndGet();
			socket.setHandshakeIvl(HANDSHAKE_MILLIS);
			socket.monitor(name, ZMQ.EVENT_DISCONNECTED);
			events.connect(name);
			socket.connect("tcp://" + this.address.getAddress().getHostAddress() + ":" + this.address.getPort());
			poller.register(socket, ZMQ.Poller.POLLIN);
			poller.register(events, ZMQ.Poller.POLLIN);
			poller.register(inside, ZMQ.Poller.POLLIN);
			serve(poller, socket, events, inside);
		}
		finally {
			synchronized (this.lock) {
				this.bellTakenDown = true;
				this.bell.close();
			}
			inside.close();
			// Before its reader goes: without one, the thread that serves all sockets
			// waits
			// for ever to tell the next event
			socket.monitor(null, 0);
			socket.setLinger(this.linger);
			socket.close();
			events.close();
			this.ear.ended();
		}
	}

	private void serve(ZMQ.Poller poller, ZMQ.Socket socket, ZMQ.Socket events, ZMQ.Socket inside) {
		boolean retry = false;
		while (true) {
			poller.poll(retry ? 10 : 1000);
			while (inside.recv(ZMQ.DONTWAIT) != null) {
				continue;
			}
			this.rung.set(false);
			boolean last = this.leaving;
			for (byte[] frame = socket.recv(ZMQ.DONTWAIT); frame != null; frame = socket.recv(ZMQ.DONTWAIT)) {
				this.ear.heard(new String(frame, StandardCharsets.UTF_8));
			}
			retry = !sendAll(socket);
			if (last || ZEvent.recv(events, ZMQ.DONTWAIT) != null) {
				return;
			}
		}
	}

	private boolean sendAll(ZMQ.Socket socket) {
		for (byte[] frame = this.unsent.peek(); frame != null; frame = this.unsent.peek()) {
			if (!socket.send(frame, ZMQ.DONTWAIT)) {
				return false;
			}
			this.unsent.remove();
		}
		return true;
	}

	@Override
	public void send(String frame) {
		this.unsent.add(frame.getBytes(StandardCharsets.UTF_8));
		ring();
	}

	@Override
	public void vanish() {
		this.linger = 0;
		close();
	}

	@Override
	public void close() {
		this.leaving = true;
		ring();
	}

	private void ring() {
		if (this.rung.compareAndSet(false, true)) {
			synchronized (this.lock) {
				if (!this.bellTakenDown) {
					this.bell.send(new byte[0], ZMQ.DONTWAIT);
				}
			}
		}
	}

}
