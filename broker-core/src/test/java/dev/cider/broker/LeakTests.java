package dev.cider.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.IntStream;

import dev.cider.broker.restart.RestartPolicy;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * G15: 1,000 restarts, stops and starts leave no thread, timer or object behind.
 */
class LeakTests {

	private static final int MANY = 1000;

	private static final RestartPolicy AT_ONCE = TestOptions.unlimited().build();

	/** Timers that would wait for an hour, if they were left. */
	private static final EndpointOptions PATIENT = EndpointOptions.builder()
		.restartPolicy(AT_ONCE)
		.startTimeout(Duration.ofHours(1))
		.heartbeatTimeout(Duration.ofHours(1))
		.closeTimeout(Duration.ofHours(1))
		.build();

	private final Leftovers leftovers = new Leftovers();

	private final CountDownLatch release = new CountDownLatch(1);

	@AfterEach
	void letGo() {
		this.release.countDown();
	}

	/** Serves a broker whose only endpoint is used up by a monitor that keeps nothing. */
	private Broker serve(ContextualEndpointFactory factory, EndpointOptions options) {
		Broker broker = Broker.builder().keepServing(true).build();
		broker.registerEndpointFactory("tcp", (context) -> {
			Thread thread = this.leftovers.watch(Thread.currentThread());
			assertThat(thread.getName()).startsWith("broker-tcp-");
			return this.leftovers.watch(factory.create(context));
		}, options);
		broker.monitor((report) -> this.leftovers.watch(report.error()));
		broker.listenAndServe();
		return broker;
	}

	/** With one incarnation that serves, and no other that ever lived. */
	private void assertNothingIsLeft(Broker broker) {
		Waiting.untilState(broker, "tcp", EndpointState.STOPPED);
		Insides insides = new Insides(broker);
		Waiting.until(() -> insides.alive("tcp").isEmpty());
		Waiting.until(() -> insides.pendingTimers() == 0);
		assertThat(this.leftovers.watched()).as("what was watched").isGreaterThan(MANY);
		Waiting.until(() -> this.leftovers.threads()
			.equals(List.of("broker-keep-alive", "broker-monitor-1", "broker-monitor-2", "broker-signals",
					"broker-timer")));
		this.leftovers.awaitNone();
		assertThat(broker.state()).as("it serves all the time").isEqualTo(BrokerState.SERVING);
		broker.close();
		this.leftovers.awaitNoThreads();
	}

	@Test
	void aThousandRestartsByCrashLeaveNothing() {
		Broker broker = serve((context) -> {
			context.ready();
			return new Crasher((context.incarnation() > MANY) ? null : new Huge());
		}, PATIENT);
		Waiting.until(() -> broker.endpoint("tcp").crashes() == MANY);
		broker.stop("tcp");
		assertNothingIsLeft(broker);
	}

	@Test
	void aThousandFailedCreatesLeaveNothing() {
		Broker broker = serve((context) -> {
			if (context.incarnation() <= MANY) {
				throw new Huge();
			}
			return new Crasher(null);
		}, PATIENT);
		Waiting.until(() -> broker.endpoint("tcp").crashes() == MANY);
		broker.stop("tcp");
		assertNothingIsLeft(broker);
	}

	@Test
	void aThousandRestartsByAnOperatorLeaveNothing() {
		Broker broker = serve((context) -> {
			context.ready();
			return new Crasher(null);
		}, PATIENT);
		for (int i = 1; i <= MANY; i++) {
			long number = i;
			Waiting.until(() -> isServing(broker, number));
			broker.restart("tcp");
		}
		Waiting.until(() -> isServing(broker, MANY + 1));
		assertThat(new Insides(broker).pendingTimers()).as("the heartbeat's").isEqualTo(1);
		broker.stop("tcp");
		assertNothingIsLeft(broker);
	}

	@Test
	void aThousandStopsAndStartsLeaveNothing() {
		Broker broker = serve((context) -> {
			context.ready();
			return new Crasher(null);
		}, PATIENT);
		for (int i = 1; i <= MANY; i++) {
			long number = i;
			Waiting.until(() -> isServing(broker, number));
			broker.stop("tcp");
			Waiting.untilState(broker, "tcp", EndpointState.STOPPED);
			broker.start("tcp");
		}
		Waiting.until(() -> isServing(broker, MANY + 1));
		broker.stop("tcp");
		assertNothingIsLeft(broker);
	}

	@Test
	void aThousandStopsBeforeBeingReadyLeaveNoTimer() {
		AtomicLong made = new AtomicLong();
		Broker broker = serve((context) -> {
			made.set(context.incarnation());
			return new Crasher(null);
		}, PATIENT);
		for (int i = 1; i <= MANY; i++) {
			long number = i;
			// A restart that comes before its factory is called leaves nothing to watch.
			Waiting.until(() -> made.get() == number);
			broker.restart("tcp");
		}
		Waiting.until(() -> made.get() == MANY + 1);
		broker.stop("tcp");
		assertNothingIsLeft(broker);
	}

	private static boolean isServing(Broker broker, long incarnation) {
		EndpointSnapshot shown = broker.endpoint("tcp");
		return shown.state() == EndpointState.SERVING && shown.incarnation() == incarnation;
	}

	@Test
	void aThousandTimeoutsWithLateEndsLeaveNothing() {
		EndpointOptions hasty = EndpointOptions.builder()
			.restartPolicy(AT_ONCE)
			.startTimeout(Duration.ofMillis(2))
			.heartbeatTimeout(Duration.ofMillis(2))
			.closeTimeout(Duration.ofMillis(1))
			.build();
		Broker broker = Broker.builder().keepServing(true).build();
		List<String> ids = IntStream.range(0, 20).mapToObj((i) -> "tcp" + i).toList();
		ids.forEach((id) -> broker.registerEndpointFactory(id, (context) -> {
			this.leftovers.watch(Thread.currentThread());
			if (context.incarnation() % 2 == 0) {
				context.ready();
			}
			return this.leftovers.watch(new Stuck(this.release));
		}, hasty));
		broker.monitor((report) -> this.leftovers.watch(report.error()));
		broker.listenAndServe();
		Waiting.until(() -> ids.stream().mapToInt((id) -> broker.endpoint(id).abandoned()).sum() >= MANY);
		ids.forEach(broker::stop);
		this.release.countDown();
		Insides insides = new Insides(broker);
		for (String id : ids) {
			Waiting.untilState(broker, id, EndpointState.STOPPED);
			Waiting.until(() -> broker.endpoint(id).abandoned() == 0 && insides.alive(id).isEmpty());
		}
		Waiting.until(() -> insides.pendingTimers() == 0);
		assertThat(this.leftovers.watched()).isGreaterThan(3 * MANY);
		this.leftovers.awaitNone();
		broker.close();
		this.leftovers.awaitNoThreads();
	}

	@Test
	void tenThousandAdditionsAndRemovalsLeaveNothing() {
		Broker broker = serve((context) -> new Crasher(null), PATIENT);
		for (int i = 0; i < 10 * MANY; i++) {
			addAndRemove(broker, "added-" + (i % 3 * i));
		}
		assertThat(broker.endpoints()).hasSize(1);
		broker.stop("tcp");
		assertNothingIsLeft(broker);
	}

	private void addAndRemove(Broker broker, String id) {
		broker.add(id,
				this.leftovers.watch((ContextualEndpointFactory) (context) -> this.leftovers.watch(new Crasher(null))),
				PATIENT);
		this.leftovers.watch(new Insides(broker).registry().find(id));
		broker.remove(id).join();
	}

	@Test
	void aThousandRemovalsOfWhatHasCrashedKeepNoCrash() {
		Broker broker = serve((context) -> new Crasher(null), PATIENT);
		for (int i = 0; i < MANY; i++) {
			String id = "added-" + i;
			broker.add(id, (context) -> {
				context.ready();
				return new Crasher((context.incarnation() > 1) ? null : this.leftovers.watch(new Huge()));
			}, PATIENT);
			Waiting.until(() -> broker.endpoint(id).incarnation() == 2);
			broker.remove(id).join();
		}
		broker.stop("tcp");
		assertNothingIsLeft(broker);
		LogMonitor log = new Insides(broker).log();
		assertThat(log.remembered()).isZero();
	}

	@Test
	void removedEndpointsWithLateEndsLeaveNothing() {
		Broker broker = serve((context) -> new Crasher(null), PATIENT);
		EndpointOptions hasty = PATIENT.toBuilder().closeTimeout(Duration.ofMillis(1)).build();
		for (int i = 0; i < 100; i++) {
			String id = "added-" + (i / 2);
			broker.add(id, this.leftovers.watch((ContextualEndpointFactory) (context) -> {
				context.ready();
				return this.leftovers.watch(new Stuck(this.release));
			}), hasty);
			this.leftovers.watch(new Insides(broker).registry().find(id));
			Waiting.untilState(broker, id, EndpointState.SERVING);
			broker.remove(id).join();
		}
		EndpointRegistry registry = new Insides(broker).registry();
		assertThat(registry.withOutlived()).hasSize(51);
		this.release.countDown();
		Waiting.until(() -> registry.withOutlived().count() == 1);
		broker.stop("tcp");
		Waiting.untilState(broker, "tcp", EndpointState.STOPPED);
		this.leftovers.awaitNone();
		broker.close();
		this.leftovers.awaitNoThreads();
	}

	@Test
	void aThousandBrokersLeaveNothing() {
		for (int i = 0; i < MANY; i++) {
			serveOnce();
		}
		this.leftovers.awaitNoThreads();
		assertThat(this.leftovers.watched()).isGreaterThanOrEqualTo(MANY);
		this.leftovers.awaitNone();
	}

	private void serveOnce() {
		Broker broker = this.leftovers.watch(serve((context) -> new Crasher(null), PATIENT));
		broker.close();
		assertThat(new Insides(broker).pendingTimers()).isZero();
	}

	@Test
	void aChainOfAThousandBrokersKeepsNoneButTheLast() {
		Broker last = chain(null, new Crasher(null));
		for (int i = 1; i < MANY; i++) {
			last.close();
			last = chain(last, new Crasher(null));
		}
		assertThat(this.leftovers.watched()).isGreaterThanOrEqualTo(MANY - 1);
		this.leftovers.awaitNone();
		assertThat(last.endpoint("tcp").starts()).isEqualTo(MANY);
		last.close();
		this.leftovers.awaitNoThreads();
	}

	@Test
	void anAbandonedIncarnationKeepsNoBrokerOfTheChainThatItOutlives() {
		awaitNoneOfTheChainAfter(new Stuck(this.release));
	}

	@Test
	void anAbandonedFactoryKeepsNoBrokerOfTheChainThatItOutlives() {
		awaitNoneOfTheChainAfter(null);
	}

	private void awaitNoneOfTheChainAfter(@Nullable Endpoint first) {
		Broker last = chain(null, first);
		for (int i = 1; i < MANY; i++) {
			last.close();
			last = chain(last, new Crasher(null));
		}
		assertThat(this.leftovers.watched()).isGreaterThanOrEqualTo(MANY - 1);
		this.leftovers.awaitNone();
		Broker chained = last;
		assertThat(chained.endpoint("tcp").abandoned()).isEqualTo(1);
		this.release.countDown();
		Waiting.until(() -> chained.endpoint("tcp").abandoned() == 0);
		chained.close();
	}

	/** A policy's predicate may belong to an application that has ended. */
	@Test
	void theHistoryOfTheNextBrokerKeepsNoPolicyOfTheLast() {
		Broker next = crashUnderAWatchedPolicyAndContinue();
		assertThat(this.leftovers.watched()).isPositive();
		this.leftovers.awaitNone();
		assertThat(next.history("tcp")).hasSize(1);
		next.close();
	}

	private Broker crashUnderAWatchedPolicyAndContinue() {
		RestartPolicy policy = TestOptions.unlimited().fatal(this.leftovers.watch(new NothingIsFatal())).build();
		Broker first = Broker.builder().keepServing(true).build();
		first.registerEndpointFactory("tcp", (context) -> {
			context.ready();
			return new Crasher((context.incarnation() > 1) ? null : new Huge());
		}, TestOptions.with(policy));
		first.listenAndServe();
		Waiting.until(() -> isServing(first, 2));
		first.close();
		Broker next = Broker.builder().keepServing(true).continuing(first).build();
		next.registerEndpointFactory("tcp", () -> new Crasher(null));
		next.listenAndServe();
		return next;
	}

	/** Without an endpoint the factory hangs. */
	private Broker chain(@Nullable Broker previous, @Nullable Endpoint endpoint) {
		Broker.Builder builder = Broker.builder().keepServing(true);
		if (previous != null) {
			builder.continuing(this.leftovers.watch(previous));
		}
		Broker next = builder.build();
		CountDownLatch creating = new CountDownLatch(1);
		next.registerEndpointFactory("tcp", () -> {
			creating.countDown();
			if (endpoint == null) {
				Waiting.onDeaf(this.release);
			}
			return endpoint;
		}, EndpointOptions.builder()
			.closeTimeout(Duration.ofMillis((endpoint instanceof Crasher) ? 20_000 : 1))
			.build());
		next.listenAndServe();
		Waiting.on(creating);
		Waiting.until(() -> endpoint == null || next.endpoint("tcp").state() == EndpointState.SERVING);
		return next;
	}

	@Test
	void whatCrashedIsForgottenAsSoonAsMonitorsWereTold() {
		Broker broker = serve((context) -> {
			context.ready();
			return new Crasher((context.incarnation() > 1) ? null : new Huge());
		}, PATIENT);
		Waiting.until(() -> isServing(broker, 2));
		EndpointSnapshot shown = broker.endpoint("tcp");
		assertThat(shown.lastCrash().type()).isEqualTo(Huge.class.getName());
		assertThat(broker.history("tcp")).hasSize(1);
		broker.stop("tcp");
		Waiting.untilState(broker, "tcp", EndpointState.STOPPED);
		this.leftovers.awaitNone();
		broker.close();
	}

	/**
	 * A thread of HotSpot may itself hold what it threw last, until it has gone on after
	 * its next wait ({@code JavaThread::_exception_oop}, seen on 17 and 25 after a first
	 * exception met a handler that the first compiler had made). So the monitor is told
	 * more here: what the broker held, it would hold after that too.
	 */
	@Test
	void whatAMonitorThrewIsForgottenAsSoonAsItIsLogged() {
		Broker broker = Broker.builder().keepServing(true).build();
		CountDownLatch told = new CountDownLatch(1);
		broker.registerEndpointFactory("tcp", () -> new Crasher(null));
		broker.monitor(new BrokerMonitor() {
			@Override
			public void crashed(EndpointCrashReport report) {
			}

			@Override
			public void changed(EndpointChange change) {
				if (change.to().state() == EndpointState.SERVING && told.getCount() > 0) {
					Huge thrown = LeakTests.this.leftovers.watch(new Huge());
					told.countDown();
					throw thrown;
				}
			}
		});
		broker.listenAndServe();
		Waiting.on(told);
		assertThat(this.leftovers.watched()).isPositive();
		this.leftovers.awaitNone(() -> broker.restart("tcp"));
		broker.close();
	}

	@Test
	void aFinishedIncarnationKeepsNoThreadAndNoInstance() {
		List<EndpointContext> contexts = new ArrayList<>();
		Broker broker = serve((context) -> {
			context.ready();
			contexts.add(context);
			return new Crasher(null);
		}, PATIENT);
		Waiting.until(() -> isServing(broker, 1));
		broker.restart("tcp");
		Waiting.until(() -> isServing(broker, 2));
		broker.stop("tcp");
		Waiting.untilState(broker, "tcp", EndpointState.STOPPED);
		this.leftovers.awaitNone();
		assertThat(contexts).hasSize(2).allMatch(EndpointContext::closing);
		broker.close();
	}

	/** Crashes at once, or serves until it is closed. */
	private final class Crasher implements Endpoint {

		private final RuntimeException error;

		private final CountDownLatch closed = new CountDownLatch(1);

		Crasher(RuntimeException error) {
			this.error = error;
		}

		@Override
		public void listenAndServe() throws Exception {
			if (this.error != null) {
				throw this.error;
			}
			this.closed.await();
		}

		@Override
		public void close() {
			LeakTests.this.leftovers.watch(Thread.currentThread());
			this.closed.countDown();
		}

	}

	/** Hangs until it is released, and ignores all else. */
	private record Stuck(CountDownLatch release) implements Endpoint {

		@Override
		public void listenAndServe() {
			Waiting.onDeaf(this.release);
		}

		@Override
		public void close() {
			// Does not help.
		}

	}

	/** An error that one would notice if it were kept. */
	private static final class Huge extends RuntimeException {

		private static final long serialVersionUID = 1;

		private final byte[] ballast = new byte[100_000];

		Huge() {
			super("huge");
			this.ballast[0] = 1;
		}

	}

	private static final class NothingIsFatal implements Predicate<Throwable> {

		@Override
		public boolean test(Throwable error) {
			return false;
		}

	}

}
