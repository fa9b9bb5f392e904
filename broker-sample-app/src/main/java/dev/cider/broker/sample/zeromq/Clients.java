package dev.cider.broker.sample.zeromq;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

import dev.cider.broker.sample.exchange.Exchange;
import dev.cider.broker.sample.exchange.RequestedCrashException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All clients of the socket. Only the thread that owns the socket may call the methods,
 * unless they say "from any thread".
 */
final class Clients {

	private static final Logger logger = LoggerFactory.getLogger(Clients.class);

	private final Exchange exchange;

	private final RouterSocket socket;

	private final int maxFrameLength;

	private final Thread owner = Thread.currentThread();

	private final Runnable wake;

	private final Consumer<RequestedCrashException> crash;

	private final Map<ByteBuffer, ZeroMqClient> byIdentity = new HashMap<>();

	/** Clients that have frames to be sent. Any thread may add to this queue. */
	private final Queue<ZeroMqClient> withMail = new ConcurrentLinkedQueue<>();

	/** Clients that did not take all frames at the last try. */
	private final Set<ZeroMqClient> slow = new LinkedHashSet<>();

	Clients(Exchange exchange, RouterSocket socket, int maxFrameLength, Runnable wake,
			Consumer<RequestedCrashException> crash) {
		this.exchange = exchange;
		this.socket = socket;
		this.maxFrameLength = maxFrameLength;
		this.wake = wake;
		this.crash = crash;
	}

	/**
	 * Called from any thread when a client has frames to be sent.
	 */
	void hasMail(ZeroMqClient client) {
		this.withMail.add(client);
		if (Thread.currentThread() != this.owner) {
			this.wake.run();
		}
	}

	/**
	 * Makes the transport crash. Called from any thread.
	 */
	void crash(RequestedCrashException cause) {
		this.crash.accept(cause);
	}

	void receive(ZmqMessage message) {
		if (this.socket.isGoodbye(message)) {
			ZeroMqClient gone = this.byIdentity.get(message.sender());
			if (gone != null) {
				remove(gone);
			}
			return;
		}
		ZeroMqClient from = this.byIdentity.computeIfAbsent(message.sender(),
				(sender) -> new ZeroMqClient(this, this.exchange, message.identity(), message.peer()));
		from.enveloped(message.enveloped());
		byte[] body = message.body();
		if (body == null) {
			from.client().receiveUnreadable("a message has one frame, after an empty one if you like");
		}
		else if (body.length > this.maxFrameLength) {
			from.client().receiveUnreadable("a message is over the limit of " + this.maxFrameLength + " bytes");
		}
		else {
			receive(from, body);
		}
	}

	private static void receive(ZeroMqClient from, byte[] body) {
		String frame;
		try {
			frame = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
		}
		catch (CharacterCodingException ex) {
			from.client().receiveUnreadable("a message is not UTF-8");
			return;
		}
		from.client().receive(frame);
	}

	/**
	 * Sends what can be sent now.
	 * @return whether frames are left, so that the caller should try again
	 */
	boolean deliver() {
		List<ZeroMqClient> again = List.copyOf(this.slow);
		this.slow.clear();
		again.forEach(this::deliver);
		for (ZeroMqClient next = this.withMail.poll(); next != null; next = this.withMail.poll()) {
			deliver(next);
		}
		return !this.slow.isEmpty();
	}

	private void deliver(ZeroMqClient client) {
		if (this.byIdentity.get(ByteBuffer.wrap(client.identity())) != client) {
			return;
		}
		switch (client.deliver(this.socket)) {
			case SENT -> this.slow.remove(client);
			case FULL -> this.slow.add(client);
			case GONE -> {
				logger.debug("{} is gone or does not read what it is sent", client);
				remove(client);
				this.socket.cut(client.peer());
			}
		}
	}

	void removeAll() {
		List.copyOf(this.byIdentity.values()).forEach(this::remove);
	}

	private void remove(ZeroMqClient client) {
		this.byIdentity.remove(ByteBuffer.wrap(client.identity()));
		this.slow.remove(client);
		client.client().detach();
	}

}
