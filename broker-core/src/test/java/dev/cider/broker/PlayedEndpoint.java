package dev.cider.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * One endpoint at play: its factory, what it made, and the books about both. Checks on
 * the spot what an incarnation can see for itself (G1, G2, G4, G8). Touched by whoever
 * has the turn.
 */
final class PlayedEndpoint implements ContextualEndpointFactory {

	final String id;

	final List<Instance> made = new ArrayList<>();

	/** What was thrown while nobody had asked for a close: each is a crash (G5). */
	final List<Throwable> crashes = new ArrayList<>();

	/** Of these, how many were thrown while others had something to say before. */
	int doubtful;

	/** Whether an operator stopped it, and nobody wished it back since. */
	boolean stopped;

	/** Whether the broker's terminate has returned. */
	boolean terminated;

	private final Turns turns;

	private final RandomGenerator random;

	private final List<Long> creating = new ArrayList<>();

	private BrokerOperations broker;

	PlayedEndpoint(String id, Turns turns, RandomGenerator random) {
		this.id = id;
		this.turns = turns;
		this.random = random;
	}

	void playFor(BrokerOperations broker) {
		this.broker = broker;
	}

	@Override
	public Endpoint create(EndpointContext context) {
		this.turns.tell("create " + context.incarnation());
		expect(livesBeside(context.incarnation()) <= snapshot().abandoned(), "G4: a second one lives");
		this.creating.add(context.incarnation());
		this.turns.pause();
		this.creating.remove(context.incarnation());
		if (chance(6)) {
			throw crash(context);
		}
		Instance instance = new Instance(context);
		this.made.add(instance);
		return instance;
	}

	private IllegalStateException crash(EndpointContext context) {
		IllegalStateException crash = new IllegalStateException("boom " + context.incarnation());
		if (!context.closing()) {
			this.crashes.add(crash);
			// A stop may wait for its turn before it: then it is none.
			this.doubtful += new Insides((Broker) this.broker).isIdle(this.id) ? 0 : 1;
		}
		this.turns.tell("throws " + crash.getMessage() + (context.closing() ? " while closing" : ""));
		return crash;
	}

	private long livesBeside(long incarnation) {
		return this.creating.stream().filter((number) -> number != incarnation).count()
				+ this.made.stream().filter(Instance::lives).count();
	}

	private EndpointSnapshot snapshot() {
		return this.broker.endpoint(this.id);
	}

	private boolean isOver() {
		return this.broker.state() == BrokerState.TERMINATED;
	}

	private boolean chance(int oneIn) {
		return this.random.nextInt(oneIn) == 0;
	}

	private void expect(boolean holds, String promise) {
		if (!holds) {
			AssertionError broken = new AssertionError(promise + ": " + snapshot());
			this.turns.fail(broken);
			throw broken;
		}
	}

	/**
	 * One instance, with a life of its own.
	 */
	final class Instance implements Endpoint {

		final EndpointContext context;

		int serves;

		int closes;

		private boolean serving;

		private boolean closing;

		private boolean closed;

		Instance(EndpointContext context) {
			this.context = context;
		}

		boolean lives() {
			return this.serving || !this.closed;
		}

		@Override
		public void listenAndServe() {
			tell("serve");
			expect(++this.serves == 1, "G2: served twice");
			expect(!PlayedEndpoint.this.terminated, "G8: served after terminate");
			expect(!PlayedEndpoint.this.stopped, "G8: served after stop");
			expect(!this.closing, "G8: served after close");
			this.serving = true;
			try {
				serve();
			}
			finally {
				this.serving = false;
			}
		}

		private void serve() {
			int pauses = PlayedEndpoint.this.random.nextInt(4);
			for (int pause = 0; pause < pauses; pause++) {
				PlayedEndpoint.this.turns.pause();
			}
			switch (PlayedEndpoint.this.random.nextInt(8)) {
				case 0, 1, 2 -> throw crash(this.context);
				case 3 -> tell("returns");
				case 4 -> PlayedEndpoint.this.turns.pauseUntil(PlayedEndpoint.this::isOver);
				default -> {
					Thread thread = Thread.currentThread();
					PlayedEndpoint.this.turns.pauseUntil(() -> this.closing || thread.isInterrupted());
				}
			}
		}

		@Override
		public void close() {
			tell("close");
			expect(++this.closes == 1, "G3: closed twice");
			this.closing = true;
			PlayedEndpoint.this.turns.pause();
			if (chance(15)) {
				PlayedEndpoint.this.turns.pauseUntil(PlayedEndpoint.this::isOver);
			}
			this.closed = true;
			if (chance(5)) {
				throw new IllegalStateException("close failed");
			}
		}

		private void tell(String what) {
			PlayedEndpoint.this.turns.tell(what + " " + this.context.incarnation());
		}

	}

}
