package dev.cider.broker.sample.load;

import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import tools.jackson.databind.JsonNode;

/**
 * What one caller has asked over one connection, and what it was answered. All callers
 * count their ids from 1, so that the same ids are on their way at the same time.
 */
final class Account {

	/** After so long on a connection that is up an answer is lost. */
	private static final long LIMIT_NANOS = Duration.ofSeconds(15).toNanos();

	private final Ledger ledger;

	private final String owner;

	/** By id. This and all below: under the lock. */
	private final Map<Integer, Asked> open = new HashMap<>();

	private final BitSet over = new BitSet();

	private int lastId;

	private boolean ended;

	Account(Ledger ledger, String owner) {
		this.ledger = ledger;
		this.owner = owner;
	}

	/**
	 * Notes a request that is about to be sent.
	 * @return its id
	 */
	synchronized int ask(Asked asked) {
		this.lastId++;
		this.ledger.sent.increment();
		if (this.ended) {
			this.ledger.callerGone.increment();
		}
		else {
			this.open.put(this.lastId, asked);
		}
		return this.lastId;
	}

	/**
	 * Notes what has come: an answer, or those to a batch.
	 */
	synchronized void heard(JsonNode frame) {
		if (this.ended) {
			return;
		}
		if (frame.isArray()) {
			Asked first = this.open.get(frame.path(0).path("id").asInt(0));
			int batch = (first != null) ? first.batch() : -1;
			if (first != null && frame.size() != first.batchSize()) {
				this.ledger.fault(this.ledger.wrong, this.owner + ": a batch of " + first.batchSize() + ": " + frame);
			}
			frame.forEach((answer) -> answered(answer, batch));
		}
		else {
			answered(frame, 0);
		}
		notifyAll();
	}

	private void answered(JsonNode answer, int batch) {
		JsonNode number = answer.path("id");
		int id = number.isInt() ? number.asInt() : 0;
		Asked asked = this.open.remove(id);
		if (asked == null) {
			boolean again = id > 0 && this.over.get(id);
			this.ledger.fault(again ? this.ledger.twice : this.ledger.wrong,
					this.owner + (again ? ": a second answer: " : ": nobody asked: ") + answer);
			return;
		}
		this.over.set(id);
		if (asked.batch() != batch || !asked.fits(answer)) {
			this.ledger.fault(this.ledger.wrong, this.owner + ": " + asked + " got " + answer);
		}
		if (answer.get("error") != null) {
			this.ledger.failed(answer.path("error").path("code").asInt());
		}
		else {
			this.ledger.answered.increment();
		}
	}

	/**
	 * Notes that the connection is over, and with it every answer that is not there.
	 */
	synchronized void ended() {
		this.ended = true;
		this.ledger.callerGone.add(this.open.size());
		this.open.clear();
		notifyAll();
	}

	/**
	 * Waits until fewer than so many answers are missing, or all hope is over.
	 */
	synchronized void awaitFewerThan(int missing) throws InterruptedException {
		while (!this.ended && this.open.size() >= missing) {
			TimeUnit.SECONDS.timedWait(this, 1);
			giveUp();
		}
	}

	private void giveUp() {
		long now = System.nanoTime();
		for (Iterator<Map.Entry<Integer, Asked>> each = this.open.entrySet().iterator(); each.hasNext();) {
			Map.Entry<Integer, Asked> entry = each.next();
			if (now - entry.getValue().nanos() > LIMIT_NANOS) {
				each.remove();
				this.over.set(entry.getKey());
				this.ledger.fault(this.ledger.lost, this.owner + ": no answer to " + entry);
			}
		}
	}

}
