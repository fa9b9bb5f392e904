package dev.cider.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartPolicy;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Gates, seen from outside: what an endpoint waits for, and what that costs. G25.
 */
class GateTests {

	private static final Duration INTERVAL = Duration.ofSeconds(2);

	private final ManualTime time = new ManualTime();

	private @Nullable Broker broker;

	private final Puppets puppets = new Puppets();

	private final ToyGate db = new ToyGate("DOWN");

	@AfterEach
	void stopAll() {
		if (this.broker != null) {
			this.broker.close();
		}
	}

	private Broker.Builder builder() {
		return Broker.builder().keepServing(true);
	}

	private static EndpointOptions.Builder gated(String name, EndpointGate gate) {
		return TestOptions.restartAtOnce().toBuilder().waitFor(name, gate);
	}

	private void serve(Broker.Builder builder, EndpointOptions options) {
		this.broker = this.time.build(builder);
		this.broker.registerEndpointFactory("feed", this.puppets, options);
		this.broker.listenAndServe();
	}

	private void awaitWaitingFor(String id, String words) {
		Waiting.until(() -> {
			EndpointSnapshot shown = this.broker.endpoint(id);
			return shown.state() == EndpointState.WAITING && String.valueOf(shown.waitingFor()).contains(words);
		});
	}

	/** Passes one poll interval, and waits until the gate was asked once more. */
	private void poll(ToyGate gate) {
		int before = gate.asked.get();
		this.time.fireWithin(INTERVAL);
		Waiting.until(() -> gate.asked.get() > before);
	}

	@Test
	void g25AnEndpointWaitsWhileItsGateIsShutAndThatIsNoError() {
		serve(builder(), gated("health/db", this.db).build());
		awaitWaitingFor("feed", "health/db, which is DOWN since 1970-01-01T00:00:00Z");
		poll(this.db);
		EndpointSnapshot waiting = this.broker.endpoint("feed");
		assertThat(waiting.state()).isEqualTo(EndpointState.WAITING);
		assertThat(waiting.incarnation()).isZero();
		assertThat(waiting.crashes()).isZero();
		this.db.open();
		poll(this.db);
		this.puppets.next();
		assertThat(this.broker.endpoint("feed").incarnation()).isEqualTo(1);
		assertThat(this.broker.endpoint("feed").waitingFor()).isNull();
	}

	@Test
	void whileAllIsWellNobodyAsksAGate() {
		this.db.open();
		serve(builder(), gated("health/db", this.db).build());
		this.puppets.next();
		Waiting.untilState(this.broker, "feed", EndpointState.SERVING);
		assertThat(this.db.asked).hasValue(1);
		this.time.pass(Duration.ofHours(1));
		assertThat(this.db.asked).hasValue(1);
		assertThat(this.time.pending()).isZero();
	}

	@Test
	void aThousandEndpointsAtOneGateAreAskedForAtOnce() {
		this.broker = this.time.build(builder());
		List<String> ids = new ArrayList<>();
		for (int i = 0; i < 1000; i++) {
			String id = "feed-" + i;
			ids.add(id);
			this.broker.registerEndpointFactory(id, this.puppets, gated("health/db", this.db).build());
		}
		this.broker.listenAndServe();
		ids.forEach((id) -> awaitWaitingFor(id, "health/db"));
		int asked = this.db.asked.get();
		for (int i = 1; i <= 5; i++) {
			poll(this.db);
			assertThat(this.db.asked).hasValue(asked + i);
		}
		this.db.open();
		poll(this.db);
		ids.forEach((id) -> Waiting.untilState(this.broker, id, EndpointState.SERVING));
		assertThat(this.db.asked).hasValue(asked + 6);
	}

	@Test
	void theErrorThatFindsItsGateShutIsTakenBack() {
		this.db.open();
		RestartPolicy threeErrors = RestartPolicy.builder().allowedConsecutiveErrors(3).backoff(Backoff.none()).build();
		serve(builder(), gated("health/db", this.db).restartPolicy(threeErrors).build());
		for (int outage = 1; outage <= 5; outage++) {
			Puppet serving = this.puppets.next();
			this.db.shut("DOWN");
			serving.crash();
			awaitWaitingFor("feed", "health/db");
			EndpointSnapshot waiting = this.broker.endpoint("feed");
			assertThat(waiting.crashes()).isEqualTo(outage);
			assertThat(waiting.consecutiveErrors()).isZero();
			assertThat(waiting.lastDecision().explanation()).contains("error 1 of 3 in a row")
				.contains("taken back, explained by health/db, which is DOWN");
			this.db.open();
			poll(this.db);
		}
		this.puppets.next();
	}

	@Test
	void anErrorBehindAnOpenGateCounts() {
		this.db.open();
		serve(builder(), gated("health/db", this.db).build());
		this.puppets.next().crash();
		this.puppets.next();
		assertThat(this.broker.endpoint("feed").consecutiveErrors()).isEqualTo(1);
	}

	@Test
	void aGateIsAskedAfterTheCrashAndNotBefore() {
		this.db.open();
		serve(builder(), gated("health/db", this.db).build());
		this.puppets.next().crash();
		this.puppets.next().crash();
		this.puppets.next();
		assertThat(this.db.asked).hasValue(3);
	}

	@Test
	void aGateThatHangsCountsAsShutAndDelaysNoOtherEndpoint() {
		CountDownLatch hangs = new CountDownLatch(1);
		this.db.open();
		this.db.hangs = hangs;
		this.broker = this.time.build(builder().gateTimeout(Duration.ofSeconds(5)));
		this.broker.registerEndpointFactory("feed", this.puppets, gated("health/db", this.db).build());
		Puppets others = new Puppets();
		this.broker.registerEndpointFactory("other", others, gated("gate/licence", () -> null).build());
		this.broker.listenAndServe();
		others.next();
		Waiting.until(() -> this.db.asked.get() == 1);
		this.time.pass(Duration.ofSeconds(5));
		awaitWaitingFor("feed", "health/db, which is silent: it has not answered within 5 s");
		this.time.pass(Duration.ofMinutes(1));
		assertThat(this.db.asked).as("one thread at most hangs").hasValue(1);
		this.db.hangs = null;
		hangs.countDown();
		poll(this.db);
		this.puppets.next();
	}

	@Test
	void aGateThatThrowsIsShut() {
		serve(builder(), gated("gate/licence", () -> {
			throw new IllegalStateException("no licence server\nat all");
		}).build());
		awaitWaitingFor("feed",
				"gate/licence, which is unknown: asking it threw java.lang.IllegalStateException since");
	}

	@Test
	void g9AGateThatThrowsAnErrorIsAskedAgain() {
		AtomicInteger asked = new AtomicInteger();
		serve(builder(), gated("gate/licence", () -> {
			if (asked.incrementAndGet() < 3) {
				throw new OutOfMemoryError("a test");
			}
			return null;
		}).build());
		awaitWaitingFor("feed", "gate/licence, which is unknown: asking it threw java.lang.OutOfMemoryError");
		for (int i = 1; i < 3; i++) {
			int before = i;
			Waiting.until(() -> asked.get() == before);
			this.time.fireWithin(INTERVAL);
		}
		this.puppets.next();
	}

	@Test
	void eachKindOfExceptionOfAGateIsLoggedOnce() {
		AtomicInteger asked = new AtomicInteger();
		ListAppender<ILoggingEvent> log = new ListAppender<>();
		Logger logger = (Logger) LoggerFactory.getLogger(LogMonitor.LOGGER);
		logger.setLevel(Level.WARN);
		logger.addAppender(log);
		log.start();
		try {
			serve(builder(), gated("gate/licence", () -> {
				throw (asked.incrementAndGet() % 2 == 0) ? new IllegalStateException()
						: new UncheckedIOException(new IOException());
			}).build());
			for (int i = 1; i < 7; i++) {
				int before = i;
				Waiting.until(() -> asked.get() == before);
				this.time.fireWithin(INTERVAL);
			}
			this.broker.close();
			assertThat(List.copyOf(log.list)).filteredOn((line) -> line.getThrowableProxy() != null).hasSize(2);
		}
		finally {
			logger.detachAppender(log);
			logger.setLevel(null);
		}
	}

	@Test
	void g15AGateThatHangsIsInterruptedWhenItsLastEndpointIsRemoved() {
		CountDownLatch asked = new CountDownLatch(1);
		CountDownLatch interrupted = new CountDownLatch(1);
		serve(builder(), gated("gate/slow", () -> {
			asked.countDown();
			try {
				new CountDownLatch(1).await();
			}
			catch (InterruptedException forgotten) {
				interrupted.countDown();
			}
			return null;
		}).build());
		Waiting.on(asked);
		this.broker.remove("feed").join();
		Waiting.on(interrupted);
		Waiting.until(() -> new Insides(this.broker).watchedGates() == 0);
	}

	@Test
	void allGatesMustBeOpenAndTheFirstThatIsShutIsShown() {
		ToyGate licence = new ToyGate("expired");
		serve(builder(), gated("health/db", this.db).waitFor("gate/licence", licence).build());
		awaitWaitingFor("feed", "health/db");
		this.db.open();
		poll(this.db);
		awaitWaitingFor("feed", "gate/licence, which is expired");
		licence.open();
		poll(licence);
		this.puppets.next();
	}

	@Test
	void aStopEndsTheWaitAndAnOpenGateThenLaunchesNothing() {
		serve(builder(), gated("health/db", this.db).build());
		awaitWaitingFor("feed", "health/db");
		this.broker.stop("feed");
		Waiting.untilState(this.broker, "feed", EndpointState.STOPPED);
		this.db.open();
		this.time.pass(Duration.ofMinutes(1));
		assertThat(this.broker.endpoint("feed").state()).isEqualTo(EndpointState.STOPPED);
		assertThat(this.time.pending()).isZero();
		this.broker.start("feed");
		this.puppets.next();
	}

	@Test
	void anOperatorOpensNothingThatIsShut() {
		serve(builder(), gated("health/db", this.db).build());
		awaitWaitingFor("feed", "health/db");
		assertThatThrownBy(() -> this.broker.start("feed")).isInstanceOf(InvalidStateException.class)
			.hasMessageContaining("WAITING")
			.hasMessageContaining("it waits for health/db, which is DOWN");
		this.broker.restart("feed");
		poll(this.db);
		awaitWaitingFor("feed", "health/db");
		assertThat(this.puppets.all).isEmpty();
	}

	@Test
	void theEndOfTheBrokerEndsTheWait() throws InterruptedException {
		serve(builder(), gated("health/db", this.db).build());
		awaitWaitingFor("feed", "health/db");
		this.broker.terminate();
		assertThat(this.broker.await(Waiting.LIMIT)).isTrue();
		assertThat(this.broker.endpoint("feed").state()).isEqualTo(EndpointState.STOPPED);
		assertThat(this.time.pending()).isZero();
	}

	@Test
	void theEndOfTheBrokerInterruptsAGateThatHangs() throws InterruptedException {
		CountDownLatch interrupted = new CountDownLatch(1);
		CountDownLatch asked = new CountDownLatch(1);
		serve(builder(), gated("gate/slow", () -> {
			asked.countDown();
			try {
				new CountDownLatch(1).await();
			}
			catch (InterruptedException end) {
				interrupted.countDown();
			}
			return null;
		}).build());
		Waiting.on(asked);
		this.broker.terminate();
		assertThat(this.broker.await(Waiting.LIMIT)).isTrue();
		Waiting.on(interrupted);
	}

	@Test
	void anEndpointMayWaitForAnotherToServe() {
		this.broker = this.time.build(builder());
		Puppets caches = new Puppets();
		this.broker.registerEndpointFactory("feed", this.puppets,
				gated("endpoint/cache", EndpointGate.serving("cache")).build());
		this.broker.registerEndpointFactory("cache", caches,
				TestOptions.restartAtOnce().toBuilder().autoStart(false).build());
		this.broker.listenAndServe();
		awaitWaitingFor("feed", "endpoint/cache, which is REGISTERED");
		this.broker.start("cache");
		Puppet cache = caches.next();
		this.puppets.next();
		assertThat(this.time.pending()).as("nobody asks: the broker knows").isZero();
		this.broker.stop("cache");
		Waiting.on(cache.closed);
		Waiting.untilState(this.broker, "cache", EndpointState.STOPPED);
		assertThat(this.broker.endpoint("feed").state()).isEqualTo(EndpointState.SERVING);
	}

	@Test
	void aGateThatEvictsClosesWhatServesAndLetsItComeBack() {
		this.db.open();
		serve(builder().gatesEvict(true), gated("health/db", this.db).build());
		Puppet first = this.puppets.next();
		Waiting.untilState(this.broker, "feed", EndpointState.SERVING);
		this.db.shut("DOWN");
		poll(this.db);
		Waiting.on(first.closed);
		awaitWaitingFor("feed", "health/db");
		assertThat(this.broker.endpoint("feed").crashes()).isZero();
		this.db.open();
		poll(this.db);
		this.puppets.next();
		assertThat(this.broker.endpoint("feed").restarts()).isEqualTo(1);
		assertThat(this.broker.endpoint("feed").consecutiveErrors()).isZero();
	}

	@Test
	void aGateThatDoesNotEvictLeavesWhatServesAlone() {
		this.db.open();
		serve(builder(), gated("health/db", this.db).build());
		this.puppets.next();
		this.db.shut("DOWN");
		this.time.pass(Duration.ofMinutes(10));
		assertThat(this.broker.endpoint("feed").state()).isEqualTo(EndpointState.SERVING);
	}

	@Test
	void anEndpointThatIsAddedWaitsForItsGates() {
		this.broker = this.time.build(builder());
		this.broker.listenAndServe();
		this.broker.add("feed", this.puppets, gated("health/db", this.db).build());
		awaitWaitingFor("feed", "health/db");
		this.db.open();
		poll(this.db);
		this.puppets.next();
	}

	@Test
	void anEndpointThatIsAddedMayWaitForOneThatServesAlready() {
		this.broker = this.time.build(builder());
		Puppets caches = new Puppets();
		this.broker.registerEndpointFactory("cache", caches, TestOptions.restartAtOnce());
		this.broker.listenAndServe();
		caches.next();
		Waiting.untilState(this.broker, "cache", EndpointState.SERVING);
		this.broker.add("feed", this.puppets, gated("endpoint/cache", EndpointGate.serving("cache")).build());
		this.puppets.next();
		assertThatThrownBy(() -> this.broker.add("web", this.puppets,
				gated("endpoint/cash", EndpointGate.serving("cash")).build()))
			.hasMessageContaining("'cash', which is not registered");
		assertThatThrownBy(
				() -> this.broker.add("web", this.puppets, gated("endpoint/web", EndpointGate.serving("web")).build()))
			.hasMessageContaining("web -> web");
	}

	@Test
	void anEndpointCanBeRemovedWhileItWaits() {
		serve(builder(), gated("health/db", this.db).build());
		awaitWaitingFor("feed", "health/db");
		this.broker.remove("feed").join();
		this.time.pass(Duration.ofMinutes(1));
		assertThat(this.time.pending()).isZero();
		assertThat(this.broker.gates()).isEmpty();
		this.db.open();
		this.broker.add("feed", this.puppets, gated("health/db", this.db).build());
		this.puppets.next();
	}

	@Test
	void thousandsThatAreAddedAndRemovedLeaveNoGateBehind() {
		this.broker = this.time.build(builder());
		this.broker.listenAndServe();
		for (int i = 0; i < 2000; i++) {
			this.broker.add("feed", this.puppets,
					gated("health/db", new ToyGate("DOWN")).waitFor("gate/other", new ToyGate(null)).build());
			this.broker.remove("feed").join();
		}
		assertThat(this.broker.gates()).isEmpty();
		Waiting.until(() -> new Insides(this.broker).watchedGates() == 0);
	}

	@Test
	void endpointsThatWouldWaitForEverAreRefused() {
		assertThatThrownBy(() -> serveCircle("a", "b")).isInstanceOf(IllegalArgumentException.class)
			.hasMessageContaining("'a'")
			.hasMessageEndingWith("'b', which is not registered; no other endpoint is registered");
		assertThatThrownBy(() -> serveCircle("a", "d", "b", "c", "c", "a"))
			.hasMessageEndingWith("'d', which is not registered; registered are 'b', 'c'");
		assertThatThrownBy(() -> serveCircle("a", "a")).hasMessageContaining("a -> a");
		assertThatThrownBy(() -> serveCircle("a", "b", "b", "c", "c", "a")).hasMessageContaining("a -> b -> c -> a");
	}

	@Test
	void aRefusalNamesAtMostTenEndpoints() {
		this.broker = this.time.build(builder());
		for (int i = 1; i <= 12; i++) {
			this.broker.registerEndpointFactory("e" + i, this.puppets, TestOptions.restartAtOnce());
		}
		this.broker.listenAndServe();
		assertThatThrownBy(
				() -> this.broker.add("web", this.puppets, gated("endpoint/db", EndpointGate.serving("db")).build()))
			.hasMessageEndingWith(
					"registered are 'e1', 'e2', 'e3', 'e4', 'e5', 'e6', 'e7', 'e8', 'e9', 'e10' and 2 more");
	}

	@Test
	void aChainOfManyThousandsIsChecked() {
		Map<String, List<String>> chain = new LinkedHashMap<>();
		int length = 200_000;
		for (int i = 0; i < length; i++) {
			chain.put("e" + i, List.of("e" + (i + 1)));
		}
		chain.put("e" + length, List.of());
		ServingGates.check(chain, List.of());
		chain.put("e" + length, List.of("e0"));
		assertThatThrownBy(() -> ServingGates.check(chain, List.of())).hasMessageContaining("e0 -> e1 -> e2")
			.hasMessageEndingWith("e" + length + " -> e0");
	}

	@Test
	void g21TheNextBrokerServesWhatWaitsForARemovedEndpoint() {
		EndpointOptions feed = gated("endpoint/cache", EndpointGate.serving("cache")).build();
		this.broker = this.time.build(builder());
		this.broker.listenAndServe();
		this.broker.add("cache", new Puppets(), TestOptions.restartAtOnce());
		this.broker.add("feed", this.puppets, feed);
		this.puppets.next();
		this.broker.remove("cache").join();
		this.broker.close();
		this.broker = this.time.build(builder().continuing(this.broker));
		this.broker.registerEndpointFactory("feed", this.puppets, feed);
		this.broker.listenAndServe();
		awaitWaitingFor("feed", "endpoint/cache");
		this.broker.add("cache", new Puppets(), TestOptions.restartAtOnce());
		this.puppets.next();
		Broker refused = this.time.build(builder());
		refused.listenAndServe();
		refused.close();
		Broker circle = this.time.build(builder().continuing(refused));
		circle.registerEndpointFactory("web", this.puppets, gated("endpoint/web", EndpointGate.serving("web")).build());
		assertThatThrownBy(circle::listenAndServe).hasMessageContaining("web -> web");
		circle.close();
	}

	private void serveCircle(String... pairs) {
		Broker refused = this.time.build(builder());
		for (int i = 0; i < pairs.length; i += 2) {
			refused.registerEndpointFactory(pairs[i], this.puppets,
					gated("endpoint/" + pairs[i + 1], EndpointGate.serving(pairs[i + 1])).build());
		}
		try {
			refused.listenAndServe();
		}
		finally {
			refused.close();
		}
	}

}
