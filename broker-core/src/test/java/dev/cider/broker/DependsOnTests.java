package dev.cider.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;

import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Endpoints that depend on others: started after them, closed before them. G26.
 */
@Timeout(120)
class DependsOnTests {

	private static final long SEED = Long.getLong("broker.seed", System.nanoTime());

	/** What was closed and what ended, in this order. */
	private final List<String> events = new CopyOnWriteArrayList<>();

	private final Map<String, Puppets> puppets = new LinkedHashMap<>();

	private final ManualTime time = new ManualTime();

	private Broker broker = this.time.build(Broker.builder().keepServing(true));

	@AfterEach
	void stopAll() {
		this.broker.close();
	}

	private Puppets puppets(String id) {
		return this.puppets.computeIfAbsent(id, (any) -> new Puppets(() -> new Noted(id)));
	}

	private static EndpointOptions.Builder needing(String... others) {
		EndpointOptions.Builder options = TestOptions.restartAtOnce().toBuilder();
		List.of(others).forEach(options::dependsOn);
		return options;
	}

	private void register(String id, String... others) {
		this.broker.registerEndpointFactory(id, puppets(id), needing(others).build());
	}

	private void serveAll(String... ids) {
		this.broker.listenAndServe();
		List.of(ids).forEach(this::awaitServing);
	}

	private void awaitServing(String id) {
		Waiting.untilState(this.broker, id, EndpointState.SERVING);
		puppets(id).all.get(puppets(id).all.size() - 1).awaitServing();
	}

	private void awaitWaitingFor(String id, String words) {
		Waiting.until(() -> String.valueOf(this.broker.endpoint(id).waitingFor()).contains(words));
	}

	private static List<String> oneAfterTheOther(String... ids) {
		List<String> events = new ArrayList<>();
		List.of(ids).forEach((id) -> {
			events.add("close " + id);
			events.add("end " + id);
		});
		return events;
	}

	// The start

	@Test
	void g26AnEndpointStartsWhenTheOtherHasServedForTheFirstTime() {
		CountDownLatch ready = new CountDownLatch(1);
		this.broker.registerEndpointFactory("feed", puppets("feed"), needing("cache").build());
		this.broker.registerEndpointFactory("cache", (context) -> Endpoint.of(() -> {
			Waiting.on(ready);
			context.ready();
			Waiting.until(context::closing);
		}, () -> {
		}), needing().explicitReady(true).build());
		this.broker.listenAndServe();
		awaitWaitingFor("feed", "depends-on/cache, which is STARTING");
		assertThat(this.broker.endpoint("feed").incarnation()).isZero();
		assertThat(this.broker.gates()).singleElement()
			.satisfies((gate) -> assertThat(gate.open()).isFalse())
			.extracting(GateSnapshot::name)
			.isEqualTo("depends-on/cache");
		ready.countDown();
		awaitServing("feed");
		assertThat(this.broker.gates()).singleElement().satisfies((gate) -> assertThat(gate.open()).isTrue());
	}

	@Test
	void g26AnInitialiserThatReturnedHasDoneItsWork() {
		CountDownLatch schema = new CountDownLatch(1);
		register("feed", "schema");
		this.broker.registerEndpointFactory("schema", (context) -> Endpoint.of(() -> Waiting.on(schema), () -> {
		}), needing().explicitReady(true).build());
		this.broker.listenAndServe();
		awaitWaitingFor("feed", "depends-on/schema, which is STARTING");
		schema.countDown();
		awaitServing("feed");
		assertThat(this.broker.endpoint("schema").state()).isEqualTo(EndpointState.FINISHED);
	}

	@Test
	void g26ALaterCrashOfTheOneLeavesTheOtherAlone() {
		this.broker = this.time.build(Broker.builder().keepServing(true).gatesEvict(true));
		this.broker.registerEndpointFactory("cache", puppets("cache"),
				TestOptions.with(RestartPolicy.builder().mode(RestartMode.NEVER)));
		register("feed", "cache");
		serveAll("cache", "feed");
		puppets("cache").all.get(0).crash();
		Waiting.untilState(this.broker, "cache", EndpointState.DROPPED);
		assertThat(this.broker.endpoint("feed").state()).isEqualTo(EndpointState.SERVING);
		puppets("feed").all.get(0).crash();
		Waiting.until(() -> this.broker.endpoint("feed").incarnation() == 2);
		awaitServing("feed");
		assertThat(this.broker.endpoint("cache").state()).isEqualTo(EndpointState.DROPPED);
	}

	@Test
	void g26AnEndpointThatIsAddedStartsAtOnceIfTheOtherHasServedBefore() {
		register("cache");
		serveAll("cache");
		this.broker.stop("cache");
		Waiting.untilState(this.broker, "cache", EndpointState.STOPPED);
		this.broker.add("feed", puppets("feed"), needing("cache").build());
		awaitServing("feed");
		this.broker.add("idle", puppets("idle"), needing().autoStart(false).build());
		this.broker.add("web", puppets("web"), needing("idle").build());
		awaitWaitingFor("web", "depends-on/idle, which is REGISTERED");
		this.broker.start("idle");
		awaitServing("web");
	}

	@Test
	void g26WhatServedOnceHasServedEvenIfItIsRemoved() {
		register("cache");
		register("feed", "cache");
		serveAll("cache", "feed");
		this.broker.remove("cache").join();
		assertThat(this.broker.endpoint("feed").state()).as("a removal does not wait for it")
			.isEqualTo(EndpointState.SERVING);
		this.broker.restart("feed");
		Waiting.until(() -> this.broker.endpoint("feed").incarnation() == 2);
		awaitServing("feed");
	}

	@Test
	void g21TheOtherHasToServeAgainInTheNextBroker() {
		register("cache");
		register("feed", "cache");
		serveAll("cache", "feed");
		this.broker.stop("cache");
		Waiting.untilState(this.broker, "cache", EndpointState.STOPPED);
		this.broker.close();
		this.broker = this.time.build(Broker.builder().keepServing(true).continuing(this.broker));
		register("cache");
		register("feed", "cache");
		this.broker.listenAndServe();
		awaitWaitingFor("feed", "depends-on/cache, which is STOPPED");
		this.broker.start("cache");
		awaitServing("feed");
	}

	@Test
	void endpointsThatWouldWaitForEverAreRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> EndpointOptions.builder().dependsOn(" "))
			.withMessage("Invalid dependsOn (' '): must not be blank");
		assertThat(needing("b", "a").waitFor("endpoint/c", EndpointGate.serving("c")).build().dependsOn())
			.containsExactly("b", "a");
		register("feed", "cahce");
		register("cache");
		assertThatThrownBy(this.broker::listenAndServe)
			.hasMessageContaining("Invalid gate of endpoint 'feed': it waits for endpoint 'cahce'")
			.hasMessageEndingWith("registered are 'cache'");
		this.broker.close();
		this.broker = this.time.build(Broker.builder());
		this.broker.registerEndpointFactory("a", puppets("a"), needing("b").build());
		this.broker.registerEndpointFactory("b", puppets("b"),
				needing().waitFor("endpoint/c", EndpointGate.serving("c")).build());
		this.broker.registerEndpointFactory("c", puppets("c"), needing("a").build());
		assertThatThrownBy(this.broker::listenAndServe).hasMessageContaining("a -> b -> c -> a");
	}

	@Test
	void oneEndpointMayWaitForAnotherInBothWays() {
		register("cache");
		this.broker.registerEndpointFactory("feed", puppets("feed"),
				needing("cache").waitFor("endpoint/cache", EndpointGate.serving("cache")).build());
		serveAll("cache", "feed");
		assertThat(this.broker.gates()).extracting(GateSnapshot::name)
			.containsExactlyInAnyOrder("depends-on/cache", "endpoint/cache");
		this.broker.stop("cache");
		Waiting.until(() -> this.broker.gates().stream().filter(GateSnapshot::open).count() == 1);
		puppets("feed").all.get(0).crash();
		awaitWaitingFor("feed", "endpoint/cache");
	}

	// The end

	@Test
	void g26AChainIsClosedInReverseOrder() {
		register("a");
		register("b", "a");
		register("c", "b");
		register("d", "c");
		register("e", "d");
		serveAll("a", "b", "c", "d", "e");
		this.broker.close();
		assertThat(this.events).isEqualTo(oneAfterTheOther("e", "d", "c", "b", "a"));
	}

	@Test
	void g26TheOrderDoesNotDependOnTheRegistration() {
		register("c", "b");
		register("a");
		register("b", "a");
		serveAll("a", "b", "c");
		this.broker.close();
		assertThat(this.events).isEqualTo(oneAfterTheOther("c", "b", "a"));
	}

	@Test
	void g26WhatTwoNeedIsClosedAfterBoth() {
		register("db");
		register("left", "db");
		register("right", "db");
		register("web", "left", "right");
		register("other");
		serveAll("db", "left", "right", "web", "other");
		this.broker.close();
		assertThat(this.events).containsSubsequence("end web", "close left", "end left", "close db");
		assertThat(this.events).containsSubsequence("end web", "close right", "end right", "close db");
		assertThat(this.events).contains("close other");
	}

	@Test
	void g26WhatDoesNotEndIsAbandonedAndThenTheOtherIsClosed() {
		CountDownLatch letGo = new CountDownLatch(1);
		register("cache");
		this.broker.registerEndpointFactory("feed", () -> Endpoint.of(() -> Waiting.onDeaf(letGo), () -> {
		}), needing("cache").build());
		this.broker.registerEndpointFactory("web", () -> Endpoint.of(() -> Waiting.onDeaf(letGo), () -> {
		}), needing("feed").build());
		serveAll("cache");
		Waiting.untilState(this.broker, "web", EndpointState.SERVING);
		this.broker.terminate();
		Waiting.untilState(this.broker, "web", EndpointState.CLOSING);
		assertThat(this.broker.endpoint("feed").state()).isEqualTo(EndpointState.SERVING);
		this.time.pass(Duration.ofSeconds(22));
		Waiting.untilState(this.broker, "feed", EndpointState.CLOSING);
		assertThat(this.broker.endpoint("web").abandoned()).isOne();
		assertThat(this.events).isEmpty();
		this.time.pass(Duration.ofSeconds(22));
		assertThat(this.broker.terminated().join().stuck()).extracting(Termination.Stuck::id)
			.containsExactlyInAnyOrder("feed", "web");
		assertThat(this.events).isEqualTo(oneAfterTheOther("cache"));
		letGo.countDown();
	}

	@Test
	void g26WhatWaitsForItsCloseLaunchesNothingAndCountsNoError() {
		CountDownLatch letGo = new CountDownLatch(1);
		RecordingMonitor monitor = new RecordingMonitor();
		register("cache");
		this.broker.registerEndpointFactory("feed", () -> Endpoint.of(() -> Waiting.on(letGo), () -> {
		}), needing("cache").build());
		this.broker.monitor(monitor);
		serveAll("cache");
		Waiting.untilState(this.broker, "feed", EndpointState.SERVING);
		this.broker.terminate();
		Waiting.untilState(this.broker, "feed", EndpointState.CLOSING);
		puppets("cache").all.get(0).crash();
		Waiting.untilState(this.broker, "cache", EndpointState.STOPPED);
		assertThat(this.broker.state()).isEqualTo(BrokerState.TERMINATING);
		letGo.countDown();
		this.broker.terminated().join();
		assertThat(puppets("cache").all).hasSize(1);
		assertThat(this.broker.endpoint("cache").crashes()).isZero();
		assertThat(monitor.crashes).isEmpty();
	}

	@Test
	void g26ALaterTerminateKeepsTheOrder() {
		CountDownLatch letGo = new CountDownLatch(1);
		register("cache");
		this.broker.registerEndpointFactory("feed", () -> Endpoint.of(() -> Waiting.on(letGo), () -> {
		}), needing("cache").build());
		serveAll("cache");
		Waiting.untilState(this.broker, "feed", EndpointState.SERVING);
		this.broker.terminate();
		Waiting.untilState(this.broker, "feed", EndpointState.CLOSING);
		this.broker.terminate();
		assertThat(this.broker.endpoint("cache").state()).isEqualTo(EndpointState.SERVING);
		assertThat(this.events).isEmpty();
		letGo.countDown();
		this.broker.terminated().join();
		assertThat(this.events).isEqualTo(oneAfterTheOther("cache"));
	}

	/** Endpoints crash, are removed and are added while several threads terminate. */
	@Test
	void g26HoldsWhileSeveralThreadsTerminate() throws Exception {
		System.out.printf("DependsOnTests: seed %d%n", SEED);
		SimulationChance chance = new SimulationChance(SEED);
		for (int life = 0; life < 150; life++) {
			this.events.clear();
			this.puppets.clear();
			this.broker = Broker.builder().keepServing(true).build();
			Map<String, List<String>> needs = new LinkedHashMap<>();
			for (int i = 0; i < 10; i++) {
				List<String> others = new ArrayList<>();
				while (i > 0 && chance.percent(60)) {
					others.add("e" + chance.between(0, i - 1));
				}
				needs.put("e" + i, others);
				register("e" + i, others.toArray(String[]::new));
			}
			if (chance.percent(80)) {
				serveAll(needs.keySet().toArray(String[]::new));
			}
			else {
				this.broker.listenAndServe();
			}
			Broker ending = this.broker;
			CyclicBarrier together = new CyclicBarrier(4);
			String crashing = "e" + chance.between(0, 9);
			String removed = "e" + chance.between(0, 9);
			List<CompletableFuture<Void>> all = List.of(ending(together, ending::terminate),
					ending(together, ending::terminate),
					ending(together, () -> puppets(crashing).all.forEach(Puppet::crash)), ending(together, () -> {
						try {
							ending.add("late", new Puppets(), needing("e9").build());
							ending.remove(removed);
						}
						catch (EndpointTerminatedException tooLate) {
							// The other threads were faster.
						}
					}));
			all.forEach(CompletableFuture::join);
			assertThat(ending.terminated().join().stuck()).isEmpty();
			needs.forEach((id, others) -> others.forEach((other) -> {
				if (!other.equals(removed) && !other.equals(crashing)) {
					assertEndedBefore(id, other);
				}
			}));
		}
	}

	private static CompletableFuture<Void> ending(CyclicBarrier together, Runnable action) {
		return CompletableFuture.runAsync(() -> {
			try {
				together.await();
			}
			catch (Exception broken) {
				throw new AssertionError(broken);
			}
			action.run();
		}, (task) -> new Thread(task).start());
	}

	private void assertEndedBefore(String id, String other) {
		List<String> seen = List.copyOf(this.events);
		int close = seen.indexOf("close " + other);
		assertThat(close < 0 || seen.lastIndexOf("end " + id) < close)
			.as("%s ends before %s is closed: %s, seed %d", id, other, seen, SEED)
			.isTrue();
	}

	@Test
	void g26ABrokerWhoseEndpointsHaveAllFinishedEnds() {
		this.broker = this.time.build(Broker.builder());
		register("a");
		register("b", "a");
		register("c", "b");
		serveAll("a", "b", "c");
		puppets("a").all.get(0).finish();
		Waiting.untilState(this.broker, "a", EndpointState.FINISHED);
		puppets("c").all.get(0).finish();
		Waiting.untilState(this.broker, "c", EndpointState.FINISHED);
		assertThat(this.broker.state()).isEqualTo(BrokerState.SERVING);
		puppets("b").all.get(0).finish();
		assertThat(this.broker.terminated().join().stuck()).isEmpty();
	}

	@Test
	void g26AChainThatNeverStartedMayBeLongerThanTheStackIsDeep() throws InterruptedException {
		String before = null;
		for (int i = 0; i < 4_000; i++) {
			String id = "e" + i;
			EndpointOptions.Builder options = needing().autoStart(false);
			this.broker.registerEndpointFactory(id, puppets("all"),
					((before != null) ? options.dependsOn(before) : options).build());
			before = id;
		}
		this.broker.listenAndServe();
		Thread closing = new Thread(null, this.broker::close, "little stack", 256 << 10);
		closing.start();
		closing.join();
		assertThat(this.broker.state()).isEqualTo(BrokerState.TERMINATED);
	}

	@Test
	void g10WhatDependsOnAnotherMayCloseTheApplicationItself() {
		assertThatTheApplicationCanBeClosedBy("feed", "feed", "cache");
	}

	@Test
	void g10WhatOthersDependOnMayCloseTheApplicationItself() {
		assertThatTheApplicationCanBeClosedBy("cache", "feed", "cache");
	}

	private void assertThatTheApplicationCanBeClosedBy(String closing, String feed, String cache) {
		CountDownLatch begin = new CountDownLatch(1);
		CountDownLatch over = new CountDownLatch(1);
		this.broker = Broker.builder().keepServing(true).build();
		for (String id : List.of(cache, feed)) {
			EndpointOptions options = (id.equals(feed) ? needing(cache) : needing()).closeTimeout(Duration.ofHours(1))
				.build();
			this.broker.registerEndpointFactory(id, id.equals(closing) ? () -> Endpoint.of(() -> {
				Waiting.on(begin);
				this.broker.awaitedBy(Thread.currentThread());
				this.broker.terminate();
				Waiting.on(over);
			}, () -> this.events.add("close " + closing)) : puppets(id), options);
		}
		this.broker.listenAndServe();
		Waiting.untilState(this.broker, feed, EndpointState.SERVING);
		Waiting.untilState(this.broker, cache, EndpointState.SERVING);
		begin.countDown();
		assertThat(this.broker.terminated().join().stuck()).extracting(Termination.Stuck::id).containsExactly(closing);
		assertThat(this.events).containsSubsequence("close " + feed, "close " + cache);
		over.countDown();
	}

	@Test
	void g20TheOrderHoldsInsideAndOutside() {
		this.broker = Broker.builder().keepServing(true).build();
		this.broker.registerEndpointFactory("group", () -> {
			Broker inner = Broker.create();
			inner.registerEndpointFactory("a", puppets("a"), needing().build());
			inner.registerEndpointFactory("b", puppets("b"), needing("a").build());
			return inner.asEndpoint();
		});
		register("web", "group");
		this.broker.listenAndServe();
		puppets("b").next();
		awaitServing("web");
		this.broker.close();
		assertThat(this.events).isEqualTo(oneAfterTheOther("web", "b", "a"));
	}

	@Test
	void g9AChainOfABrokerThatFindsNoThreadEnds() {
		this.broker = Broker.builder().keepServing(true).threads(new Threads(null) {

			@Override
			Thread own(String name, Runnable task) {
				throw new OutOfMemoryError("no thread");
			}

		}).build();
		register("a");
		register("b", "a");
		register("c", "b");
		assertThatThrownBy(this.broker::listenAndServe).isInstanceOf(OutOfMemoryError.class);
		assertThat(this.broker.state()).isEqualTo(BrokerState.TERMINATED);
	}

	/** Notes when it is closed and when it has ended. */
	private final class Noted extends Puppet {

		private final String id;

		Noted(String id) {
			this.id = id;
		}

		@Override
		public void listenAndServe() throws Exception {
			try {
				super.listenAndServe();
			}
			finally {
				DependsOnTests.this.events.add("end " + this.id);
			}
		}

		@Override
		public void close() throws Exception {
			DependsOnTests.this.events.add("close " + this.id);
			super.close();
		}

	}

}
