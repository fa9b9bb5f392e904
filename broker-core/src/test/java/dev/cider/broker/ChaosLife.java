package dev.cider.broker;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

import org.jspecify.annotations.Nullable;

/**
 * One short life of a broker whose endpoints, monitors and threads are unreliable, while
 * operators say random things. Some endpoints serve brokers of their own, some close the
 * application, and now and then the end is announced. Ends with nothing left.
 */
final class ChaosLife {

	private final long seed;

	private final ChaosDice dice;

	private final ChaosRecord chaos;

	private final Leftovers leftovers;

	private final ChaosMischief mischief;

	private final ChaosAwaiters awaiters = new ChaosAwaiters();

	private final ChaosSilence silence = new ChaosSilence();

	private final @Nullable ThreadFactory threads;

	private final boolean platform;

	private final Executor others;

	private final ChaosBroker root;

	/**
	 * What was stopped for good while the broker served, and how often it had started.
	 */
	private final Map<String, Long> stopped = new LinkedHashMap<>();

	/**
	 * Prepares a life.
	 * @param threads where its threads come from; {@code null} for the broker's own
	 * @param others runs what operators and others do
	 */
	ChaosLife(long seed, @Nullable ThreadFactory threads, boolean platform, Executor others, Tally tally,
			Leftovers leftovers) {
		this.seed = seed;
		this.dice = new ChaosDice(seed, "life");
		this.chaos = new ChaosRecord(tally);
		this.leftovers = leftovers;
		this.mischief = new ChaosMischief(leftovers);
		this.platform = platform;
		this.others = others;
		boolean shutsDown = this.dice.chance(20);
		// A ThreadFactory that hangs is waited for as long as the limits allow.
		this.threads = shutsDown ? null : threads;
		this.root = new ChaosBroker(this, "", seed, this.dice.chance(50),
				shutsDown ? threads : threads(this.dice.next()));
		int endpoints = this.dice.oneOf(1, 1, 2, 2, 3, 4);
		for (int i = 0; i < endpoints; i++) {
			this.root.register("e" + i);
		}
		if (shutsDown) {
			registerShutdown();
		}
		int count = this.dice.oneOf(1, 1, 2);
		for (int i = 0; i < count; i++) {
			this.root.monitor(new ChaosMonitor(this.root, new ChaosDice(seed, "monitor", i), i == 0));
		}
	}

	/** Somewhere in the tree. */
	private void registerShutdown() {
		ChaosDice saying = new ChaosDice(this.seed, "shutdown");
		if (saying.chance(50)) {
			this.root.register(new ChaosShutdown("s", saying, this.root));
		}
		else {
			EndpointOptions options = ChaosOptions.ofGroup(saying, this, true);
			this.root.register(new ChaosGroup("s", saying.next(), this.root, true, options, true));
		}
	}

	/** A ThreadFactory that cannot be relied on, if this life has any. */
	@Nullable ThreadFactory threads(long seed) {
		return (this.threads != null) ? new ChaosThreads(this.threads, this.platform, seed, this) : null;
	}

	/**
	 * Lives.
	 * @throws AssertionError with the whole story, if a promise was broken
	 */
	void live() {
		try {
			serve();
			terminate();
			this.mischief.release();
			checkTheEnd();
		}
		catch (Throwable failed) {
			this.chaos.claim(false, String.valueOf(failed));
		}
		finally {
			this.mischief.release();
		}
		if (!this.chaos.broken().isEmpty()) {
			throw new AssertionError("Life " + this.seed + ": " + this.chaos.broken() + "\n"
					+ this.root.broker().endpoints() + "\n" + this.chaos.story());
		}
	}

	private void serve() {
		int count = this.dice.oneOf(1, 1, 2, 3);
		CountDownLatch done = new CountDownLatch(count);
		for (int i = 0; i < count; i++) {
			ChaosDice saying = new ChaosDice(this.seed, "operator", i);
			this.others.execute(() -> {
				int words = 2 + saying.upTo(4);
				for (int word = 0; word < words; word++) {
					this.mischief.dawdle(saying);
					this.root.operator().operate(saying);
				}
				done.countDown();
			});
		}
		this.root.broker().listenAndServe();
		Waiting.on(done);
		this.silence.fall();
		// Undisturbed, more of them come to their own end, and groups to begin at all.
		dawdle(this.root.hasGroups() ? 40 : this.dice.oneOf(0, 0, 5, 10));
	}

	private void terminate() throws InterruptedException {
		Broker broker = this.root.broker();
		announce();
		if (this.dice.chance(40)) {
			stopAll();
		}
		boolean byItself = broker.state() != BrokerState.SERVING;
		this.chaos.count(byItself ? "terminated before its time" : "terminated by the operator");
		broker.terminate();
		this.root.saysStop();
		this.chaos.saw("terminate() returned");
		Poll.until("the broker to terminate (G11)", () -> broker.state() == BrokerState.TERMINATED);
		List<Long> starts = starts();
		Termination termination = broker.await();
		checkStuck(termination);
		this.root.checkAbandonedInside();
		this.mischief.release();
		Poll.until("all to end", () -> broker.endpoints().stream().allMatch((shown) -> shown.abandoned() == 0));
		this.chaos.claim(starts.equals(starts()), "G8: launched after the end", starts, starts());
		this.root.awaitMonitors();
		this.root.monitors()
			.forEach((monitor) -> this.chaos.claim(termination.equals(monitor.termination()),
					"G11: one Termination for all"));
	}

	/** The end is announced, and what the endpoints use closes. */
	private void announce() {
		if (this.dice.chance(40)) {
			this.chaos.saw("announce");
			this.root.announcement().make();
			this.chaos.count("announced");
		}
		if (this.root.announcement().isMade()) {
			this.root.announcement().settle();
			dawdle(2 + this.dice.upTo(4));
			this.root.announcement().check();
		}
	}

	private void dawdle(int times) {
		for (int i = 0; i < times; i++) {
			this.mischief.dawdle(this.dice);
		}
	}

	/** All that lives when the broker has ended is listed, wherever it is served. */
	private void checkStuck(Termination termination) {
		Map<String, Integer> listed = new HashMap<>();
		termination.stuck().forEach((stuck) -> {
			this.chaos.count(stuck.id().contains("/") ? "stuck inside at the end" : "stuck at the end");
			listed.merge(stuck.id() + "#" + stuck.incarnation(), 1, Integer::sum);
		});
		Map<String, Integer> living = new HashMap<>();
		this.root.countLiving(living, listed);
		living.forEach((name, count) -> this.chaos.claim(count <= listed.getOrDefault(name, 0),
				"G10: alive and not among the stuck", name, count, termination));
	}

	/** With no operator left but this one: a stop is the last word. */
	private void stopAll() {
		Broker broker = this.root.broker();
		for (String id : this.root.ids()) {
			try {
				broker.stop(id);
				this.root.books(id).saysStop();
				Poll.until("the stop to be carried out", () -> this.root.insides().isIdle(id));
				Poll.until(id + " to stop", () -> broker.endpoint(id).state() == EndpointState.STOPPED
						|| broker.state() != BrokerState.SERVING);
				EndpointSnapshot shown = broker.endpoint(id);
				if (shown.state() == EndpointState.STOPPED) {
					this.stopped.put(id, shown.starts());
				}
				this.chaos.count("stopped for good");
			}
			catch (EndpointTerminatedException tooLate) {
				// The broker has ended by itself, or somebody has terminated it.
			}
		}
	}

	private List<Long> starts() {
		return this.root.broker().endpoints().stream().map(EndpointSnapshot::starts).toList();
	}

	private void checkTheEnd() {
		this.stopped.forEach((id, starts) -> this.chaos.claim(this.root.broker().endpoint(id).starts() == starts,
				"G8: launched after the stop", id, starts));
		this.root.checkTheEnd();
		this.root.announcement().check();
	}

	/** Whether no interrupt will come for this thread. */
	boolean isLeftAlone() {
		return this.mischief.isReleased() && this.awaiters.includeThisThread();
	}

	boolean onPlatformThreads() {
		return this.platform;
	}

	/** On a thread that nothing else depends on. */
	void execute(Runnable task) {
		this.others.execute(task);
	}

	long seed() {
		return this.seed;
	}

	/** The outermost broker. */
	ChaosBroker root() {
		return this.root;
	}

	ChaosAwaiters awaiters() {
		return this.awaiters;
	}

	ChaosSilence silence() {
		return this.silence;
	}

	ChaosRecord chaos() {
		return this.chaos;
	}

	Leftovers leftovers() {
		return this.leftovers;
	}

	ChaosMischief mischief() {
		return this.mischief;
	}

}
