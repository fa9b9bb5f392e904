package dev.cider.broker.sample.exchange;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

import io.netty.util.Timeout;

/**
 * One client of the {@link Exchange}, as its transport sees it. The methods may be called
 * from any thread and never wait for another client.
 */
public final class Client {

	private final Exchange exchange;

	private final Outbox outbox;

	/** What the client provides. The exchange's lock guards this and the fields below. */
	private final Set<String> methods = new LinkedHashSet<>();

	/** Calls that the client must answer, by the exchange's id. */
	private final Map<String, Call> toAnswer = new LinkedHashMap<>();

	/** Calls that the client has made, each with its timeout. */
	private final Map<Call, Timeout> made = new LinkedHashMap<>();

	private Stage stage = Stage.OPEN;

	Client(Exchange exchange, Link link) {
		this.exchange = exchange;
		this.outbox = new Outbox(link);
	}

	/**
	 * Handles a frame of the client. Whatever the frame is, the client gets the answer
	 * that JSON-RPC defines, and other clients are not affected.
	 * @param frame a JSON-RPC message, a batch of them, or anything else
	 */
	public void receive(String frame) {
		this.exchange.receive(this, frame);
	}

	/**
	 * Answers a frame that the transport could not decode.
	 * @param reason what is wrong with it
	 */
	public void receiveUnreadable(String reason) {
		this.exchange.unreadable(this, reason);
	}

	/**
	 * Called when the client will send nothing more, but may still read. The client
	 * provides nothing from now on. When it has the answers to all its calls, the
	 * exchange {@linkplain Link#close() closes} its link.
	 */
	public void endInput() {
		this.exchange.endInput(this);
	}

	/**
	 * Called when the client has disconnected. The exchange removes its methods, fails
	 * the calls that it had to answer, and drops the answers to the calls that it made. A
	 * second call does nothing.
	 */
	public void detach() {
		this.exchange.detach(this);
	}

	Set<String> methods() {
		return this.methods;
	}

	Map<String, Call> toAnswer() {
		return this.toAnswer;
	}

	Map<Call, Timeout> made() {
		return this.made;
	}

	void send(String frame) {
		put((link) -> link.send(frame));
	}

	void put(Consumer<Link> deed) {
		if (this.stage != Stage.GONE) {
			this.outbox.put(deed);
			this.exchange.drainLater(this);
		}
	}

	/** Callers must not hold the exchange's lock. */
	void drain() {
		this.outbox.drain();
	}

	boolean isGone() {
		return this.stage == Stage.GONE;
	}

	void gone() {
		this.stage = Stage.GONE;
	}

	void ending() {
		if (this.stage == Stage.OPEN) {
			this.stage = Stage.ENDING;
			closeWhenAnswered();
		}
	}

	void closeWhenAnswered() {
		if (this.stage == Stage.ENDING && this.made.isEmpty()) {
			put(Link::close);
		}
	}

	private enum Stage {

		OPEN, ENDING, GONE

	}

}
