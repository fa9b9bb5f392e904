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

	/** What it provides. This and all below: under the exchange's lock. */
	private final Set<String> methods = new LinkedHashSet<>();

	/** Calls that it has to answer, by the exchange's id. */
	private final Map<String, Call> toAnswer = new LinkedHashMap<>();

	/** Calls that it has made, and what ends each that takes too long. */
	private final Map<Call, Timeout> made = new LinkedHashMap<>();

	private Stage stage = Stage.OPEN;

	Client(Exchange exchange, Link link) {
		this.exchange = exchange;
		this.outbox = new Outbox(link);
	}

	/**
	 * Takes a frame from the client and does what it says. Whatever it is, the client
	 * gets the answer that JSON-RPC has for it, and nobody else is harmed.
	 * @param frame what should be a JSON-RPC message or a batch of them
	 */
	public void receive(String frame) {
		this.exchange.receive(this, frame);
	}

	/**
	 * Answers for a frame that the transport could not make a text of.
	 * @param reason what is wrong with it
	 */
	public void receiveUnreadable(String reason) {
		this.exchange.unreadable(this, reason);
	}

	/**
	 * Says that the client will send nothing any more, but may still listen. It provides
	 * nothing from now on; when it has the answers to all its calls, its link is
	 * {@linkplain Link#close() closed}.
	 */
	public void endInput() {
		this.exchange.endInput(this);
	}

	/**
	 * Says that the client is gone. Its methods go with it, calls that it had to answer
	 * fail, answers to calls that it made are dropped. A second call does nothing.
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

	/** Never under the exchange's lock. */
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
