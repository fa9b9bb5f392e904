package dev.cider.broker.sample.load;

import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import tools.jackson.databind.JsonNode;

/**
 * Takes part over one transport, and comes back whenever it is thrown out.
 */
abstract class Member implements Runnable {

	private static final int RETRY_MILLIS = 20;

	private final Clients clients;

	private final Carrier carrier;

	private final Disturbance disturbance;

	private final Ledger ledger;

	private final String name;

	private final Random random;

	private final CountDownLatch finish = new CountDownLatch(1);

	Member(Clients clients, Carrier carrier, Disturbance disturbance, Ledger ledger, String name, long seed) {
		this.clients = clients;
		this.carrier = carrier;
		this.disturbance = disturbance;
		this.ledger = ledger;
		this.name = name + " over " + carrier.id();
		this.random = new Random(seed);
	}

	/**
	 * The first frame over every connection.
	 */
	abstract String greeting();

	/**
	 * Does its work until the session is over, and it has left.
	 */
	abstract void live(Session session) throws InterruptedException;

	/**
	 * Takes a call, on whatever thread it comes.
	 */
	abstract void called(Session session, JsonNode call);

	@Override
	public final void run() {
		try {
			while (!isFinishing()) {
				Session session = connect();
				if (session != null && session.join(greeting())) {
					live(session);
				}
				else {
					pause(RETRY_MILLIS);
				}
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private Session connect() throws InterruptedException {
		try {
			return new Session(this.clients, this.carrier, this.ledger, this.disturbance, this.name, this::called);
		}
		catch (InterruptedException ex) {
			throw ex;
		}
		catch (Exception ex) {
			// Its transport is down
			return null;
		}
	}

	final void finish() {
		this.finish.countDown();
	}

	final boolean isFinishing() {
		return this.finish.getCount() == 0;
	}

	/**
	 * Waits, unless it is to finish.
	 */
	final void pause(long millis) throws InterruptedException {
		this.finish.await(millis, TimeUnit.MILLISECONDS);
	}

	final boolean oneIn(int times) {
		return this.random.nextInt(times) == 0;
	}

	final Random random() {
		return this.random;
	}

	final Ledger ledger() {
		return this.ledger;
	}

	final String name() {
		return this.name;
	}

}
