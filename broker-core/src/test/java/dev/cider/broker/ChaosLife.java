package dev.cider.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import org.jspecify.annotations.Nullable;

/**
 * One short life of a broker whose endpoints, monitors and threads are unreliable, while
 * operators say random things. Ends with nothing left.
 */
final class ChaosLife {

	private final long seed;

	private final Dice dice;

	private final ChaosRecord chaos;

	private final Leftovers leftovers;

	private final Mischief mischief;

	private final Broker broker;

	private final ChaosOperator operator;

	private final Map<String, ChaosFactory> factories = new LinkedHashMap<>();

	/**
	 * What was stopped for good while the broker served, and how often it had started.
	 */
	private final Map<String, Long> stopped = new LinkedHashMap<>();

	private final List<ChaosMonitor> monitors = new ArrayList<>();

	/**
	 * Prepares a life.
	 * @param threads where its threads come from; {@code null} for the broker's own
	 */
	ChaosLife(long seed, @Nullable ThreadFactory threads, boolean platform, Tally tally, Leftovers leftovers) {
		this.seed = seed;
		this.dice = new Dice(seed, "life");
		this.chaos = new ChaosRecord(tally);
		this.leftovers = leftovers;
		this.mischief = new Mischief(leftovers);
		Broker.Builder builder = Broker.builder().keepServing(this.dice.chance(50)).historySize(this.dice.upTo(5));
		if (threads != null) {
			builder.threadFactory(new ChaosThreads(threads, platform, seed, this));
		}
		this.broker = leftovers.watch(builder.build());
		int endpoints = this.dice.oneOf(1, 1, 2, 2, 3, 4);
		for (int i = 0; i < endpoints; i++) {
			register("e" + i);
		}
		Map<String, ChaosBooks> books = new LinkedHashMap<>();
		this.factories.forEach((id, factory) -> books.put(id, factory.books()));
		this.operator = new ChaosOperator(this.broker, books, this.chaos);
		int count = this.dice.oneOf(1, 1, 2);
		for (int i = 0; i < count; i++) {
			ChaosMonitor monitor = new ChaosMonitor(this, new Dice(seed, "monitor", i), i == 0);
			this.monitors.add(leftovers.watch(monitor));
			this.broker.monitor(monitor);
		}
	}

	private void register(String id) {
		ChaosFactory factory = leftovers().watch(new ChaosFactory(id, this.seed, this));
		this.factories.put(id, factory);
		boolean contextual = this.dice.chance(60);
		EndpointOptions options = options(contextual);
		this.chaos.saw(id + ": " + options);
		if (contextual) {
			this.broker.registerEndpointFactory(id, (context) -> factory.create(context), options);
		}
		else {
			this.broker.registerEndpointFactory(id, () -> factory.create(null), options);
		}
	}

	private EndpointOptions options(boolean contextual) {
		Duration delay = this.dice.oneOf(Duration.ZERO, Duration.ofMillis(1), Duration.ofMillis(3));
		RestartPolicy policy = RestartPolicy.builder()
			.mode(this.dice.oneOf(RestartMode.ON_FAILURE, RestartMode.ON_FAILURE, RestartMode.ALWAYS,
					RestartMode.NEVER))
			.allowedConsecutiveErrors(this.dice.oneOf(2, 3, 5, RestartPolicy.UNLIMITED))
			.errorWindow(this.dice.oneOf(Duration.ofMillis(1), Duration.ofSeconds(1)))
			.backoff(delay.isZero() ? Backoff.none() : Backoff.builder().delay(delay).jitter(delay).build())
			.fatal(new Fatal(this))
			.reviveAfter(this.dice.chance(30) ? Duration.ofMillis(2) : null)
			.build();
		return EndpointOptions.builder()
			.restartPolicy(policy)
			.startTimeout(this.dice.chance(50) ? Mischief.shortTime(this.dice) : null)
			.heartbeatTimeout((contextual && this.dice.chance(50)) ? Mischief.shortTime(this.dice) : null)
			.closeTimeout(Mischief.shortTime(this.dice))
			.autoStart(this.dice.chance(85))
			.build();
	}

	/**
	 * Lives.
	 * @throws AssertionError with the whole story, if a promise was broken
	 */
	void live(Executor operators) {
		try {
			serve(operators);
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
			throw new AssertionError("Life " + this.seed + ": " + this.chaos.broken() + "\n" + this.broker.endpoints()
					+ "\n" + this.chaos.story());
		}
	}

	private void serve(Executor operators) {
		int count = this.dice.oneOf(1, 1, 2, 3);
		CountDownLatch done = new CountDownLatch(count);
		for (int i = 0; i < count; i++) {
			Dice saying = new Dice(this.seed, "operator", i);
			operators.execute(() -> {
				int words = 2 + saying.upTo(4);
				for (int word = 0; word < words; word++) {
					this.mischief.dawdle(saying);
					this.operator.operate(saying);
				}
				done.countDown();
			});
		}
		this.broker.listenAndServe();
		Waiting.on(done);
		this.operator.hush();
	}

	private void terminate() throws InterruptedException {
		if (this.dice.chance(40)) {
			stopAll();
		}
		boolean byItself = this.broker.state() != BrokerState.SERVING;
		this.chaos.count(byItself ? "terminated before its time" : "terminated by the operator");
		this.broker.terminate();
		this.factories.values().forEach((factory) -> factory.books().saysStop());
		this.chaos.saw("terminate() returned");
		Poll.until("the broker to terminate (G11)", () -> this.broker.state() == BrokerState.TERMINATED);
		List<Long> starts = starts();
		Termination termination = this.broker.await();
		this.factories.forEach((id, factory) -> factory.books()
			.living()
			.forEach((number) -> this.chaos.claim(
					termination.stuck()
						.stream()
						.anyMatch((stuck) -> stuck.id().equals(id) && stuck.incarnation() == number),
					"G10: alive and not among the stuck", id, number, termination)));
		termination.stuck().forEach((stuck) -> this.chaos.count("stuck at the end"));
		this.mischief.release();
		Poll.until("all to end", () -> this.broker.endpoints().stream().allMatch((shown) -> shown.abandoned() == 0));
		this.chaos.claim(starts.equals(starts()), "G8: launched after the end", starts, starts());
		Poll.until("monitors to hear of the end",
				() -> this.monitors.stream().allMatch((monitor) -> monitor.termination() != null));
		this.monitors.forEach((monitor) -> this.chaos.claim(termination.equals(monitor.termination()),
				"G11: one Termination for all"));
	}

	/** With no operator left but this one: a stop is the last word. */
	private void stopAll() {
		Insides insides = new Insides(this.broker);
		for (String id : this.factories.keySet()) {
			try {
				this.broker.stop(id);
				books(id).saysStop();
				Poll.until("the stop to be carried out", () -> insides.isIdle(id));
				Poll.until(id + " to stop", () -> this.broker.endpoint(id).state() == EndpointState.STOPPED
						|| this.broker.state() != BrokerState.SERVING);
				EndpointSnapshot shown = this.broker.endpoint(id);
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
		return this.broker.endpoints().stream().map(EndpointSnapshot::starts).toList();
	}

	private void checkTheEnd() {
		this.stopped.forEach((id, starts) -> this.chaos.claim(this.broker.endpoint(id).starts() == starts,
				"G8: launched after the stop", id, starts));
		Insides insides = new Insides(this.broker);
		for (EndpointSnapshot last : this.broker.endpoints()) {
			this.factories.get(last.id()).books().checkTheEnd(last);
			List<CrashSummary> history = this.broker.history(last.id());
			this.chaos.claim(history.isEmpty() || history.get(0) == last.lastCrash(), "4.1: history is newest first");
			Poll.until("incarnations to be let go", () -> insides.alive(last.id()).isEmpty());
		}
		this.monitors.forEach((monitor) -> monitor.checkTheEnd(this.broker.endpoints()));
		// One may wait for a stack that it has no use for any more, for a second at most.
		Poll.until("no timer to be left (G15)", () -> insides.pendingTimers() == 0);
	}

	Broker broker() {
		return this.broker;
	}

	ChaosRecord chaos() {
		return this.chaos;
	}

	Leftovers leftovers() {
		return this.leftovers;
	}

	Mischief mischief() {
		return this.mischief;
	}

	ChaosOperator operator() {
		return this.operator;
	}

	ChaosBooks books(String id) {
		return this.factories.get(id).books();
	}

	/** A predicate that cannot be relied on either. */
	private record Fatal(ChaosLife life) implements java.util.function.Predicate<Throwable> {

		@Override
		public boolean test(Throwable error) {
			Dice dice = new Dice(this.life.seed, "fatal", System.identityHashCode(error));
			if (dice.chance(5)) {
				this.life.mischief.fail(dice);
			}
			return dice.chance(3);
		}

		@Override
		public String toString() {
			return "chance";
		}

	}

}
