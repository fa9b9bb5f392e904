package dev.cider.broker.sample.zeromq;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import dev.cider.broker.sample.exchange.Client;
import dev.cider.broker.sample.exchange.Exchange;
import dev.cider.broker.sample.exchange.Link;
import dev.cider.broker.sample.exchange.RequestedCrashException;
import dev.cider.broker.sample.zeromq.RouterSocket.Delivery;
import org.jspecify.annotations.Nullable;

/**
 * One client, as long as its connection lasts. Any thread may add frames to its queue;
 * the thread that owns the socket sends them.
 */
final class ZeroMqClient implements Link {

	/**
	 * How many bytes may wait for a client that does not read, besides ZeroMQ's own
	 * queue.
	 */
	private static final long MAX_UNSENT = 8 * 1024 * 1024;

	private final Clients clients;

	private final byte[] identity;

	private final @Nullable String peer;

	private final Client client;

	private final Queue<byte[]> unsent = new ConcurrentLinkedQueue<>();

	private final AtomicLong unsentBytes = new AtomicLong();

	private final AtomicBoolean announced = new AtomicBoolean();

	/**
	 * Whether the client has a REQ socket, which wants an empty frame before the body.
	 */
	private volatile boolean enveloped;

	ZeroMqClient(Clients clients, Exchange exchange, byte[] identity, @Nullable String peer) {
		this.clients = clients;
		this.identity = identity;
		this.peer = peer;
		this.client = exchange.attach(this);
	}

	Client client() {
		return this.client;
	}

	byte[] identity() {
		return this.identity;
	}

	@Nullable String peer() {
		return this.peer;
	}

	void enveloped(boolean enveloped) {
		this.enveloped = enveloped;
	}

	@Override
	public void send(String frame) {
		byte[] body = frame.getBytes(StandardCharsets.UTF_8);
		if (this.unsentBytes.addAndGet(body.length) <= MAX_UNSENT) {
			this.unsent.add(body);
		}
		announce();
	}

	private void announce() {
		if (this.announced.compareAndSet(false, true)) {
			this.clients.hasMail(this);
		}
	}

	/**
	 * Sends what ZeroMQ takes. Called on the thread that owns the socket.
	 * @return {@code SENT} if no frame is left, {@code FULL} if the caller should try
	 * again, {@code GONE} if this client has disconnected or does not read
	 */
	Delivery deliver(RouterSocket socket) {
		this.announced.set(false);
		if (this.unsentBytes.get() > MAX_UNSENT) {
			return Delivery.GONE;
		}
		for (byte[] body = this.unsent.peek(); body != null; body = this.unsent.peek()) {
			Delivery delivery = socket.send(new ZmqMessage(this.identity, this.peer, this.enveloped, body));
			if (delivery != Delivery.SENT) {
				return delivery;
			}
			this.unsent.remove();
			this.unsentBytes.addAndGet(-body.length);
		}
		return Delivery.SENT;
	}

	@Override
	public void close() {
		// Never called: this transport never calls Client.endInput()
	}

	@Override
	public void crash(RequestedCrashException cause) {
		this.clients.crash(cause);
	}

	@Override
	public String toString() {
		return "ZeroMQ client " + HexFormat.of().formatHex(this.identity);
	}

}
