package dev.cider.broker.sample.load;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;

/**
 * Disturbs one transport again and again, and leaves it serving in the end.
 */
final class Chaos implements Runnable {

	private static final int MAX_CALM_MILLIS = 2000;

	private static final int MAX_STOPPED_MILLIS = 300;

	private static final String CRASH = "{\"jsonrpc\":\"2.0\",\"method\":\"sample.crash\"}";

	private static final int MAX_TRIES = 10;

	private static final Ear DEAF = new Ear() {

		@Override
		public void heard(String frame) {
		}

		@Override
		public void ended() {
		}

	};

	private final RunningSample sample;

	private final Clients clients;

	private final Carrier carrier;

	private final Disturbance disturbance;

	private final Ledger ledger;

	private final Random random;

	private final Map<String, LongAdder> deeds = new ConcurrentSkipListMap<>();

	private final CountDownLatch finish = new CountDownLatch(1);

	Chaos(RunningSample sample, Clients clients, Carrier carrier, Disturbance disturbance, Ledger ledger, long seed) {
		this.ledger = ledger;
		this.sample = sample;
		this.clients = clients;
		this.carrier = carrier;
		this.disturbance = disturbance;
		this.random = new Random(seed);
	}

	@Override
	public void run() {
		try {
			while (!this.finish.await(1 + this.random.nextInt(MAX_CALM_MILLIS), TimeUnit.MILLISECONDS)) {
				this.disturbance.begins(this.carrier);
				disturb();
				this.disturbance.ends(this.carrier);
			}
		}
		catch (Throwable ex) {
			this.ledger.fault(this.ledger.chaosFailed, this.carrier + " " + state() + ": " + ex);
		}
	}

	private void disturb() throws Exception {
		long before = state().incarnation();
		switch (this.random.nextInt(4)) {
			case 0 -> {
				count("crashed by a client");
				crashByClient(before);
			}
			case 1 -> {
				count("crashed from the page");
				crashFromPage();
			}
			case 2 -> {
				count("restarted");
				this.sample.broker().restart(this.carrier.id());
			}
			default -> {
				count("stopped and started");
				stopAndStart();
			}
		}
		Waits.until(this.carrier + " serves again", () -> servesAgain(before));
	}

	private boolean servesAgain(long before) {
		EndpointSnapshot state = state();
		if (state.state() == EndpointState.DROPPED) {
			count("dropped, so started");
			this.sample.broker().start(this.carrier.id());
		}
		return state.state() == EndpointState.SERVING && state.incarnation() > before;
	}

	/**
	 * Over JeroMQ a connection may stand still or end in its handshake, see
	 * {@code DealerPeer}. Then the frame goes with it, and another client has to try.
	 */
	private void crashByClient(long before) throws Exception {
		boolean crashed = false;
		for (int i = 1; !crashed; i++) {
			Connection connection = this.clients.open(this.carrier, DEAF);
			connection.send(CRASH);
			crashed = Waits.soon(() -> hasLeft(before));
			connection.vanish();
			if (!crashed && (this.carrier != Carrier.ZEROMQ || i == MAX_TRIES)) {
				throw new IllegalStateException("Nobody heard that it was to crash, at try " + i);
			}
			if (!crashed) {
				this.ledger.unheard.increment();
			}
		}
	}

	private boolean hasLeft(long incarnation) {
		EndpointSnapshot state = state();
		return state.state() != EndpointState.SERVING || state.incarnation() > incarnation;
	}

	private void crashFromPage() throws Exception {
		int status = this.clients.http()
			.send(HttpRequest.newBuilder(this.sample.crash(this.carrier))
				.POST(HttpRequest.BodyPublishers.noBody())
				.build(), BodyHandlers.discarding())
			.statusCode();
		if (status != 204) {
			throw new IllegalStateException("The page could not crash " + this.carrier + ": " + status);
		}
	}

	private void stopAndStart() throws InterruptedException {
		this.sample.broker().stop(this.carrier.id());
		Waits.until(this.carrier + " stopped", () -> state().state() == EndpointState.STOPPED);
		this.finish.await(this.random.nextInt(MAX_STOPPED_MILLIS), TimeUnit.MILLISECONDS);
		this.sample.broker().start(this.carrier.id());
	}

	private EndpointSnapshot state() {
		return this.sample.broker().endpoint(this.carrier.id());
	}

	private void count(String deed) {
		this.deeds.computeIfAbsent(deed, (key) -> new LongAdder()).increment();
	}

	void finish() {
		this.finish.countDown();
	}

	Carrier carrier() {
		return this.carrier;
	}

	Map<String, LongAdder> deeds() {
		return this.deeds;
	}

}
