package dev.cider.broker;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

import org.jspecify.annotations.Nullable;

/**
 * One endpoint at play: its factory, what it made, and the books about both. Checks on
 * the spot what an incarnation can see for itself (G1, G2, G4, G8, G10). Touched by the
 * thread that has the turn.
 */
final class PlayedEndpoint implements ContextualEndpointFactory {

	final String id;

	/** Whether it serves only when it says so. */
	final boolean explicitReady;

	final List<Instance> made = new ArrayList<>();

	/**
	 * What was thrown while nobody had asked for a close or announced the end: each is a
	 * crash (G5).
	 */
	final List<Throwable> crashes = new ArrayList<>();

	/** Of these, how many were thrown while others had something to say before. */
	int doubtful;

	/** How often operators have requested that it runs. */
	long launches;

	/** How often until the latest stop that was certainly carried out. */
	long stoppedAfter = -1;

	/** Whether the broker's terminate has returned. */
	boolean terminated;

	/** Whether the broker's announceTermination was called. */
	boolean announcing;

	/** Whether it has returned. */
	boolean announced;

	/** What was shown when the announcement had been carried out, if it was. */
	@Nullable EndpointSnapshot atTheAnnouncement;

	/** Whether an incarnation has terminated the broker, as who closes a container. */
	boolean terminatedInside;

	/** The incarnations that have said that they are ready. */
	private final Set<Long> ready = new HashSet<>();

	private final PlayedTurns turns;

	private final RandomGenerator random;

	private final Tally tally;

	private final List<Long> creating = new ArrayList<>();

	private Broker broker;

	private Insides insides;

	PlayedEndpoint(String id, PlayedTurns turns, RandomGenerator random, Tally tally) {
		this.id = id;
		this.turns = turns;
		this.random = random;
		this.tally = tally;
		this.explicitReady = random.nextInt(3) == 0;
	}

	void playFor(Broker broker) {
		this.broker = broker;
		this.insides = new Insides(broker);
	}

	boolean hasSaidReady(long incarnation) {
		return this.ready.contains(incarnation);
	}

	@Override
	public Endpoint create(EndpointContext context) {
		this.turns.tell("create " + context.incarnation());
		expect(livesBeside(context.incarnation()) <= snapshot().abandoned(), "G4: a second one lives");
		this.creating.add(context.incarnation());
		this.turns.pause();
		if (chance(5)) {
			sayReady(context);
		}
		if (chance(60)) {
			awaitEnd(context);
		}
		this.creating.remove(context.incarnation());
		if (chance(6)) {
			throw crash(context);
		}
		Instance instance = new Instance(context, this.terminated || isStopped() || context.closing());
		this.made.add(instance);
		return instance;
	}

	private IllegalStateException crash(EndpointContext context) {
		IllegalStateException crash = new IllegalStateException("boom " + context.incarnation());
		if (context.closing()) {
			this.turns.tell("throws " + crash.getMessage() + " while closing");
		}
		else if (this.announced) {
			// The announcement has its turn before it.
			this.tally.count("excused");
			this.turns.tell("throws " + crash.getMessage() + " after the announcement");
		}
		else {
			this.turns.tell("throws " + crash.getMessage());
			this.crashes.add(crash);
			// A stop or an announcement may have its turn before it: then it is none.
			this.doubtful += (isIdle("crash") && !this.announcing) ? 0 : 1;
		}
		return crash;
	}

	/**
	 * What has been said has its effect when nothing waits. Some checks bind only then,
	 * so it is counted how often they do.
	 */
	boolean isIdle(String check) {
		boolean idle = this.insides.isIdle(this.id);
		this.tally.count(check + (idle ? ", idle" : ", busy"));
		return idle;
	}

	private void sayReady(EndpointContext context) {
		this.turns.tell("ready " + context.incarnation());
		this.ready.add(context.incarnation());
		context.ready();
	}

	/**
	 * As who closes the application: says that this thread waits for the broker, stops
	 * it, and waits.
	 */
	private void awaitEnd(EndpointContext context) {
		this.turns.tell("closes the application " + context.incarnation());
		boolean mayBeInterrupted = context.closing();
		Thread.interrupted();
		this.broker.awaitedBy(Thread.currentThread());
		this.terminatedInside = true;
		this.broker.terminate();
		this.turns.pauseUntil(this::isOver);
		expect(mayBeInterrupted || !Thread.currentThread().isInterrupted(),
				"G10: interrupts a thread that waits for the broker");
		this.tally.count("closed the application");
	}

	private long livesBeside(long incarnation) {
		return this.creating.stream().filter((number) -> number != incarnation).count()
				+ this.made.stream().filter(Instance::lives).count();
	}

	/** Whether an operator stopped it, and none started it again since. */
	private boolean isStopped() {
		return this.stoppedAfter == this.launches;
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

		private final boolean tooLate;

		Instance(EndpointContext context, boolean tooLate) {
			this.context = context;
			this.tooLate = tooLate;
		}

		boolean lives() {
			return this.serving || !this.closed;
		}

		@Override
		public void listenAndServe() {
			tell("serve");
			expect(++this.serves == 1, "G2: served twice");
			// The same thread may have been told to serve and then, at work, of a stop.
			expect(!this.tooLate, "G8: what is made after a stop is served");
			this.serving = true;
			try {
				requireServingIfReady();
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
				if (chance(2)) {
					sayReadyOnSomeThread();
				}
			}
			switch (PlayedEndpoint.this.random.nextInt(8)) {
				case 0, 1, 2 -> throw crash(this.context);
				case 3 -> tell("returns");
				case 4 -> PlayedEndpoint.this.turns.pauseUntil(PlayedEndpoint.this::isOver);
				default -> {
					if (chance(10)) {
						awaitEnd(this.context);
					}
					Thread thread = Thread.currentThread();
					PlayedEndpoint.this.turns.pauseUntil(() -> this.closing || thread.isInterrupted());
				}
			}
		}

		/**
		 * One that connects in the background may be ready at any time, even too late.
		 */
		private void sayReadyOnSomeThread() {
			if (chance(2)) {
				sayReady();
			}
			else {
				PlayedEndpoint.this.turns.player("connector", this::sayReady).start();
			}
		}

		private void sayReady() {
			PlayedEndpoint.this.sayReady(this.context);
			requireServingIfReady();
		}

		/** Whatever was announced meanwhile. */
		private void requireServingIfReady() {
			PlayedEndpoint endpoint = PlayedEndpoint.this;
			boolean serves = this.serving && !this.context.closing();
			if (serves && hasSaidReady(this.context.incarnation()) && endpoint.isIdle("ready")) {
				expect(snapshot().state() == EndpointState.SERVING, "G18: ready, and does not serve");
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
			if (chance(60)) {
				awaitEnd(this.context);
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
