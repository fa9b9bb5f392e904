package dev.cider.broker.sample.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Callers and providers over all transports of a running sample, while each transport is
 * crashed, restarted and stopped at random. Every request is accounted for.
 */
final class LoadWithChaos {

	private static final List<String> METHODS = List.of("m0", "m1", "m2", "m3");

	private static final int CALLERS_PER_CARRIER = 2;

	private static final int PROVIDERS_PER_CARRIER = 2;

	private static final long JOIN_MILLIS = 60_000;

	/** How much longer to go on for an outcome that has not been seen yet. */
	private static final Duration EXTRA = Duration.ofSeconds(60);

	/** Short, so that calls run out of time; few, so that callers meet the limit. */
	private static final String[] PROPERTIES = { "--sample.call-timeout=500ms", "--sample.max-pending-calls=32",
			"--sample.max-line-length=1MB" };

	private final long seed;

	private final RunningSample sample;

	private final Clients clients;

	private LoadWithChaos(long seed, RunningSample sample, Clients clients) {
		this.seed = seed;
		this.sample = sample;
		this.clients = clients;
	}

	/**
	 * Runs it.
	 * @param seed for all chance there is
	 * @param warmUp how long before the first look at memory and threads
	 * @param duration how long after it
	 */
	static LoadReport run(long seed, Duration warmUp, Duration duration) throws Exception {
		System.out.println("load.seed=" + seed + ", " + duration.toSeconds() + " s of chaos");
		try (RunningSample sample = new RunningSample(PROPERTIES); Clients clients = new Clients(sample.addresses())) {
			LoadWithChaos load = new LoadWithChaos(seed, sample, clients);
			load.play(warmUp, false);
			Footprint before = Footprint.now();
			LoadReport report = load.play(duration, true);
			report.footprints(before, Footprint.now());
			return report;
		}
	}

	private LoadReport play(Duration duration, boolean untilAllSeen) throws Exception {
		Random seeds = new Random(this.seed);
		LoadReport report = new LoadReport(this.seed);
		List<Member> callers = new ArrayList<>();
		List<Member> providers = new ArrayList<>();
		Disturbance disturbance = new Disturbance();
		for (Carrier carrier : Carrier.values()) {
			report.chaos()
				.add(new Chaos(this.sample, this.clients, carrier, disturbance, report.ledger(), seeds.nextLong()));
			for (int i = 0; i < CALLERS_PER_CARRIER; i++) {
				callers.add(new Caller(this.clients, carrier, disturbance, report.ledger(), "caller " + i,
						seeds.nextLong(), METHODS));
			}
			for (int i = 0; i < PROVIDERS_PER_CARRIER; i++) {
				providers.add(new Provider(this.clients, carrier, disturbance, report.ledger(), "provider " + i,
						seeds.nextLong(), provided(i)));
			}
		}
		long start = System.nanoTime();
		List<Thread> serving = start(providers);
		List<Thread> asking = start(callers);
		List<Thread> disturbing = start(report.chaos());
		while (report.ledger().chaosFailed.sum() == 0
				&& (System.nanoTime() - start < duration.toNanos() || (untilAllSeen && !report.unseen().isEmpty()
						&& System.nanoTime() - start < duration.plus(EXTRA).toNanos()))) {
			disturbing.get(0).join(TimeUnit.MILLISECONDS.toMillis(100));
		}
		report.lasted(Duration.ofNanos(System.nanoTime() - start));
		report.chaos().forEach(Chaos::finish);
		join(disturbing);
		callers.forEach(Member::finish);
		join(asking);
		providers.forEach(Member::finish);
		join(serving);
		empty(report);
		return report;
	}

	/**
	 * Every method has several providers, but not all of them.
	 */
	private static List<String> provided(int index) {
		return List.of(METHODS.get(index), METHODS.get(index + 1), METHODS.get(index + 2), Asked.QUIET, Asked.NOTE);
	}

	/**
	 * What the exchange holds when everybody is gone.
	 */
	private void empty(LoadReport report) {
		Waits.until("all clients are gone", () -> this.sample.exchange().clients() == 0);
		Waits.until("all calls are forgotten", () -> this.sample.pendingCalls() == 0);
		report.left(this.sample.pendingCalls(), this.sample.exchange().methods());
	}

	private static List<Thread> start(List<? extends Runnable> works) {
		List<Thread> threads = works.stream()
			.map((work) -> new Thread(work, "load-" + work.getClass().getSimpleName()))
			.toList();
		threads.forEach(Thread::start);
		return threads;
	}

	private static void join(List<Thread> threads) throws InterruptedException {
		for (Thread thread : threads) {
			thread.join(JOIN_MILLIS);
			if (thread.isAlive()) {
				throw new IllegalStateException(thread + " does not end: " + List.of(thread.getStackTrace()));
			}
		}
	}

}
