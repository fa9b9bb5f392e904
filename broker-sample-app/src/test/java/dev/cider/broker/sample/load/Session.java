package dev.cider.broker.sample.load;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One connection of a member, from its first frame on.
 */
final class Session implements Ear {

	private static final JsonMapper JSON = JsonMapper.shared();

	private static final int JOIN_SECONDS = 5;

	private static final int GOODBYE_SECONDS = 5;

	private final Carrier carrier;

	private final Ledger ledger;

	private final Disturbance disturbance;

	private final String owner;

	private final Account account;

	private final BiConsumer<Session, JsonNode> calls;

	private final long calm;

	private final CountDownLatch joined = new CountDownLatch(1);

	private final CountDownLatch ended = new CountDownLatch(1);

	private final Connection connection;

	private volatile boolean leaving;

	/**
	 * Opens it.
	 * @param calls takes what is not an answer
	 * @throws Exception if nobody listens
	 */
	Session(Clients clients, Carrier carrier, Ledger ledger, Disturbance disturbance, String owner,
			BiConsumer<Session, JsonNode> calls) throws Exception {
		this.carrier = carrier;
		this.ledger = ledger;
		this.disturbance = disturbance;
		this.owner = owner;
		this.account = new Account(ledger, owner);
		this.calls = calls;
		this.calm = disturbance.count(carrier);
		this.connection = clients.open(carrier, this);
	}

	/**
	 * Sends the first frame and waits for the answer.
	 * @param batch requests whose ids are strings
	 * @return whether there is one, so that the connection counts
	 */
	boolean join(String batch) throws InterruptedException {
		this.connection.send(batch);
		boolean answered = this.joined.await(JOIN_SECONDS, TimeUnit.SECONDS);
		if (answered) {
			this.ledger.connections.increment();
			return true;
		}
		if (isOpen() && this.disturbance.calmSince(this.carrier, this.calm)) {
			// A handshake over JeroMQ may stand still, see DealerPeer; nothing else may
			if (this.carrier == Carrier.ZEROMQ) {
				this.ledger.unheard.increment();
			}
			else {
				this.ledger.fault(this.ledger.wrong, this.owner + ": the first frame was never answered");
			}
		}
		vanish();
		return false;
	}

	boolean isOpen() {
		return this.ended.getCount() != 0;
	}

	Account account() {
		return this.account;
	}

	void send(String frame) {
		this.connection.send(frame);
	}

	void vanish() {
		this.leaving = true;
		this.connection.vanish();
	}

	/**
	 * Leaves politely, and waits until all is over.
	 */
	void leave() throws InterruptedException {
		this.leaving = true;
		this.connection.close();
		if (!this.ended.await(GOODBYE_SECONDS, TimeUnit.SECONDS)) {
			this.connection.vanish();
			this.ended.await();
		}
	}

	@Override
	public void heard(String frame) {
		JsonNode json;
		try {
			json = JSON.readTree(frame);
		}
		catch (JacksonException ex) {
			this.ledger.fault(this.ledger.wrong, this.owner + ": no JSON: " + frame);
			return;
		}
		if (json.path(0).path("id").isString()) {
			welcome(json);
		}
		else if (json.has("method")) {
			if (this.joined.getCount() != 0) {
				this.ledger.fault(this.ledger.wrong, this.owner + ": called before it was registered: " + frame);
			}
			this.calls.accept(this, json);
		}
		else {
			this.account.heard(json);
		}
	}

	private void welcome(JsonNode answers) {
		for (JsonNode answer : answers) {
			if (!answer.has("result")) {
				this.ledger.fault(this.ledger.wrong, this.owner + ": not welcome: " + answers);
			}
		}
		this.joined.countDown();
	}

	@Override
	public void ended() {
		if (this.joined.getCount() == 0) {
			if (this.leaving) {
				this.ledger.vanished.increment();
			}
			else {
				this.ledger.cut.increment();
				if (this.disturbance.calmSince(this.carrier, this.calm)) {
					this.ledger.fault(this.ledger.cutForNoReason, this.owner + ": cut for no reason");
				}
			}
		}
		this.ended.countDown();
		this.account.ended();
	}

}
