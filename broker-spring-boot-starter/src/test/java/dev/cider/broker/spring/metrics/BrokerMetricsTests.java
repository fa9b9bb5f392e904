package dev.cider.broker.spring.metrics;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

import dev.cider.broker.Broker;
import dev.cider.broker.BrokerOperations;
import dev.cider.broker.CrashPhase;
import dev.cider.broker.EndpointOptions;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.EndpointStateEvent;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.TestEndpoints;
import dev.cider.broker.spring.autoconfigure.BrokerAutoConfiguration;
import dev.cider.broker.spring.autoconfigure.BrokerMetricsAutoConfiguration;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the meters show.
 */
class BrokerMetricsTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(MetricsAutoConfiguration.class, CompositeMeterRegistryAutoConfiguration.class,
						BrokerAutoConfiguration.class, BrokerMetricsAutoConfiguration.class))
		.withBean(SimpleMeterRegistry.class)
		.withUserConfiguration(TestEndpoints.Tcp.class)
		.withPropertyValues("broker.restart.delay=100ms", "broker.restart.jitter=0");

	private static MeterRegistry registry(ApplicationContext context) {
		return context.getBean(MeterRegistry.class);
	}

	private static double counter(ApplicationContext context, String name) {
		return registry(context).get(name).tag("endpoint", "tcp").functionCounter().count();
	}

	private static double gauge(ApplicationContext context, String name) {
		return registry(context).get(name).tag("endpoint", "tcp").gauge().value();
	}

	private static double endpoints(ApplicationContext context, EndpointState state) {
		return registry(context).get("broker.endpoints").tag("state", state.name()).gauge().value();
	}

	private static double lostEvents(ApplicationContext context) {
		return registry(context).get("broker.events.lost").functionCounter().count();
	}

	private static Timer recovery(ApplicationContext context) {
		return registry(context).get("broker.endpoint.recovery").tag("endpoint", "tcp").timer();
	}

	@Test
	void allMetersAreThereAtZeroBeforeAnythingStarts() {
		this.contextRunner.withPropertyValues("broker.lifecycle.auto-startup=false").run((context) -> {
			for (String name : new String[] { "starts", "restarts", "crashes", "drops" }) {
				assertThat(counter(context, "broker.endpoint." + name)).as(name).isZero();
			}
			assertThat(gauge(context, "broker.endpoint.up")).isZero();
			assertThat(gauge(context, "broker.endpoint.abandoned")).isZero();
			assertThat(registry(context).get("broker.endpoint.uptime").tag("endpoint", "tcp").timeGauge().value())
				.isZero();
			assertThat(recovery(context).count()).isZero();
			assertThat(lostEvents(context)).isZero();
			for (EndpointState state : EndpointState.values()) {
				assertThat(endpoints(context, state)).as(state.name())
					.isEqualTo((state == EndpointState.REGISTERED) ? 1 : 0);
			}
		});
	}

	private static List<String> metersOf(ApplicationContext context, String id) {
		return registry(context).getMeters()
			.stream()
			.filter((meter) -> id.equals(meter.getId().getTag("endpoint")))
			.map((meter) -> meter.getId().getName())
			.sorted()
			.distinct()
			.toList();
	}

	/** G15: the meters of ten thousand tenants would stay for ever. */
	@Test
	void metersComeAndGoWithAnEndpointAndTheTotalsKeepWhatItHasCounted() {
		this.contextRunner.run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			for (int i = 1; i <= 3; i++) {
				ScriptedFactory factory = new ScriptedFactory();
				operations.add("tenant", factory, EndpointOptions.defaults());
				ScriptedFactory.awaitState(operations, "tenant", EndpointState.SERVING);
				factory.crash(operations, "tenant", new IllegalStateException("boom"));
				ScriptedFactory.await(() -> factory.made.size() == 2);
				ScriptedFactory.awaitState(operations, "tenant", EndpointState.SERVING);
				ScriptedFactory.await(() -> metersOf(context, "tenant").equals(
						List.of("broker.endpoint.abandoned", "broker.endpoint.crash.reports", "broker.endpoint.crashes",
								"broker.endpoint.drops", "broker.endpoint.recovery", "broker.endpoint.restarts",
								"broker.endpoint.starts", "broker.endpoint.up", "broker.endpoint.uptime")));
				assertThat(registry(context).get("broker.endpoint.crashes")
					.tag("endpoint", "tenant")
					.functionCounter()
					.count()).isEqualTo(1);
				operations.remove("tenant").join();
				ScriptedFactory.await(() -> metersOf(context, "tenant").isEmpty());
				int removed = i;
				ScriptedFactory.await(() -> total(context, "crashes") == removed);
				assertThat(total(context, "starts")).isEqualTo(1 + 2 * removed);
				assertThat(total(context, "restarts")).isEqualTo(removed);
			}
			assertThat(metersOf(context, "tcp")).hasSize(8);
		});
	}

	@Test
	void theMetersOfABeanThatWasRemovedComeBackWithTheNextStart() {
		this.contextRunner.run((context) -> {
			BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
			ScriptedFactory.awaitState(lifecycle, "tcp", EndpointState.SERVING);
			lifecycle.remove("tcp").join();
			ScriptedFactory.await(() -> metersOf(context, "tcp").isEmpty());
			lifecycle.stop();
			lifecycle.start();
			ScriptedFactory.awaitState(lifecycle, "tcp", EndpointState.SERVING);
			ScriptedFactory.await(() -> metersOf(context, "tcp").contains("broker.endpoint.uptime"));
			assertThat(gauge(context, "broker.endpoint.up")).isEqualTo(1);
			assertThat(total(context, "starts")).isEqualTo(2);
		});
	}

	@Test
	void noTotalFallsWhileEndpointsComeAndGo() {
		this.contextRunner.run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			AtomicBoolean over = new AtomicBoolean();
			AtomicBoolean fell = new AtomicBoolean();
			Thread scraper = new Thread(() -> {
				double last = 0;
				while (!over.get()) {
					double next = total(context, "starts");
					fell.compareAndSet(false, next < last);
					last = next;
				}
			});
			scraper.start();
			for (int i = 0; i < 200; i++) {
				operations.add("tenant", new ScriptedFactory(), EndpointOptions.defaults());
				ScriptedFactory.awaitState(operations, "tenant", EndpointState.SERVING);
				operations.remove("tenant").join();
			}
			over.set(true);
			scraper.join();
			assertThat(fell).isFalse();
			ScriptedFactory.await(() -> total(context, "starts") == 201);
		});
	}

	@Test
	void anAddedEndpointBeyondTheLimitHasNoMeters() {
		Broker broker = Broker.builder().keepServing(true).build();
		for (int i = 0; i < PerEndpointMeters.LIMIT; i++) {
			broker.registerEndpointFactory("e" + i, new ScriptedFactory(),
					EndpointOptions.builder().autoStart(false).build());
		}
		MeterRegistry registry = new SimpleMeterRegistry();
		BrokerMetrics metrics = new BrokerMetrics(broker);
		metrics.bindTo(registry);
		broker.monitor(metrics);
		broker.listenAndServe();
		broker.remove("e0").join();
		ScriptedFactory.await(() -> registry.find("broker.endpoint.up").tag("endpoint", "e0").gauge() == null);
		broker.add("the-1000th", new ScriptedFactory(), EndpointOptions.defaults());
		broker.add("one-more", new ScriptedFactory(), EndpointOptions.defaults());
		broker.add("last", new ScriptedFactory(), EndpointOptions.defaults());
		broker.remove("last").join();
		ScriptedFactory.await(() -> registry.find("broker.endpoint.up").tag("endpoint", "the-1000th").gauge() != null);
		broker.close();
		assertThat(registry.find("broker.endpoint.up").tag("endpoint", "one-more").gauge()).isNull();
	}

	private static double crashReports(ApplicationContext context, String name) {
		return registry(context).find(name)
			.tags("phase", "SERVE", "exception", "IllegalStateException")
			.counters()
			.stream()
			.mapToDouble(Counter::count)
			.sum();
	}

	@Test
	void crashReportsAreCountedByPhaseAndException() {
		this.contextRunner.run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			context.getBean(ScriptedFactory.class).crash(operations, "tcp", new IllegalStateException("boom"));
			ScriptedFactory.await(() -> crashReports(context, "broker.endpoint.crash.reports") == 1);
			assertThat(registry(context).get("broker.endpoint.crash.reports").tag("endpoint", "tcp").counters())
				.hasSize(1);
			assertThat(crashReports(context, "broker.endpoints.crash.reports")).isEqualTo(1);
			assertThat(counter(context, "broker.endpoint.crashes")).isEqualTo(1);
		});
	}

	@Test
	void theMetersShowWhatTheSnapshotsShow() {
		this.contextRunner.run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			ScriptedFactory factory = context.getBean(ScriptedFactory.class);
			factory.crash(operations, "tcp", new IllegalStateException("boom"));
			ScriptedFactory.await(() -> operations.endpoint("tcp").incarnation() == 2
					&& operations.endpoint("tcp").state() == EndpointState.SERVING);
			assertThat(counter(context, "broker.endpoint.starts")).isEqualTo(2);
			assertThat(counter(context, "broker.endpoint.restarts")).isEqualTo(1);
			assertThat(counter(context, "broker.endpoint.crashes")).isEqualTo(1);
			assertThat(counter(context, "broker.endpoint.drops")).isZero();
			assertThat(gauge(context, "broker.endpoint.up")).isEqualTo(1);
			assertThat(endpoints(context, EndpointState.SERVING)).isEqualTo(1);
			ScriptedFactory.await(() -> registry(context).get("broker.endpoint.uptime")
				.tag("endpoint", "tcp")
				.timeGauge()
				.value(TimeUnit.MILLISECONDS) > 0);
		});
	}

	private static double total(ApplicationContext context, String name) {
		return registry(context).get("broker.endpoints." + name).functionCounter().count();
	}

	@Test
	void theTotalsAreSumsOverAllEndpoints() {
		this.contextRunner.withBean("udp", ScriptedFactory.class, ScriptedFactory::new, TestEndpoints.supervised())
			.withPropertyValues("broker.metrics.per-endpoint=false")
			.run((context) -> {
				BrokerOperations operations = context.getBean(BrokerOperations.class);
				ScriptedFactory.awaitState(operations, "udp", EndpointState.SERVING);
				context.getBean("tcp", ScriptedFactory.class)
					.crash(operations, "tcp", new IllegalStateException("boom"));
				ScriptedFactory.await(() -> operations.endpoint("tcp").incarnation() == 2
						&& operations.endpoint("tcp").state() == EndpointState.SERVING);
				ScriptedFactory.await(() -> endpoints(context, EndpointState.SERVING) == 2);
				assertThat(total(context, "starts")).isEqualTo(3);
				assertThat(total(context, "restarts")).isEqualTo(1);
				assertThat(total(context, "crashes")).isEqualTo(1);
				assertThat(total(context, "drops")).isZero();
				assertThat(registry(context).get("broker.endpoints.abandoned").gauge().value()).isZero();
				ScriptedFactory.await(() -> crashReports(context, "broker.endpoints.crash.reports") == 1);
				ScriptedFactory.await(() -> registry(context).get("broker.endpoints.recovery").timer().count() == 1);
				assertThat(registry(context).getMeters())
					.noneMatch((meter) -> meter.getId().getTag("endpoint") != null);
			});
	}

	@ParameterizedTest
	@CsvSource({ "AUTO, 1000, true", "AUTO, 1001, false", "TRUE, 1001, true", "FALSE, 1, false" })
	void eachEndpointHasMetersOfItsOwnUpToALimit(PerEndpointMeters perEndpoint, int endpoints, boolean expected) {
		Broker broker = Broker.create();
		for (int i = 0; i < endpoints; i++) {
			broker.registerEndpointFactory("e" + i, () -> {
				throw new IllegalStateException("never started");
			});
		}
		SimpleMeterRegistry registry = new SimpleMeterRegistry();
		new BrokerMetrics(broker, perEndpoint).bindTo(registry);
		new RecoveryTimer(broker, perEndpoint).bindTo(registry);
		assertThat(registry.getMeters()).hasSize(EndpointState.values().length + 6 + (expected ? 8 * endpoints : 0));
		CrashCounter crashes = new CrashCounter(broker, perEndpoint);
		crashes.bindTo(registry);
		crashes.crashed(CrashCounterTests.report("e0", CrashPhase.SERVE, new IllegalStateException("boom")));
		assertThat(registry.find("broker.endpoint.crash.reports").counters()).hasSize(expected ? 1 : 0);
	}

	@Test
	void oneScrapeTakesOnePassOverTheEndpoints() {
		AtomicLong now = new AtomicLong();
		AtomicInteger passes = new AtomicInteger();
		BrokerOperations operations = counting(passes);
		EndpointTotals totals = new EndpointTotals(now::get);
		for (EndpointState state : EndpointState.values()) {
			totals.of(operations, (pass) -> pass.inState(state));
		}
		totals.of(operations, EndpointTotals.Pass::crashes);
		assertThat(passes).hasValue(1);
		now.addAndGet(EndpointTotals.ONE_SCRAPE_NANOS + 1);
		totals.of(operations, EndpointTotals.Pass::crashes);
		assertThat(passes).hasValue(2);
	}

	/** Otherwise a scrape of a large broker would make a pass for each total. */
	@Test
	void aPassThatTakesLongServesTheWholeScrapeToo() {
		AtomicLong now = new AtomicLong();
		AtomicInteger passes = new AtomicInteger();
		BrokerOperations slow = reading(() -> {
			passes.incrementAndGet();
			now.addAndGet(10 * EndpointTotals.ONE_SCRAPE_NANOS);
			return 0;
		});
		EndpointTotals totals = new EndpointTotals(now::get);
		totals.of(slow, EndpointTotals.Pass::starts);
		totals.of(slow, EndpointTotals.Pass::crashes);
		assertThat(passes).hasValue(1);
	}

	/**
	 * The race of two scrapes: the second one begins later, reads earlier and is
	 * published later.
	 */
	@Test
	void aTotalDoesNotRunBackwardsIfAnOlderReadingIsPublishedLater() {
		AtomicLong now = new AtomicLong();
		EndpointTotals totals = new EndpointTotals(now::get);
		BrokerOperations newer = reading(() -> 11);
		AtomicLong seenMeanwhile = new AtomicLong();
		BrokerOperations older = reading(() -> {
			seenMeanwhile.set((long) totals.of(newer, EndpointTotals.Pass::crashes));
			return 10;
		});
		assertThat(totals.of(older, EndpointTotals.Pass::crashes)).isEqualTo(11);
		assertThat(seenMeanwhile).hasValue(11);
	}

	@Test
	void totalsGoOnWhenNobodyHoldsTheBinder() {
		this.contextRunner.run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			ScriptedFactory.awaitState(operations, "tcp", EndpointState.SERVING);
			MeterRegistry registry = new SimpleMeterRegistry();
			new BrokerMetrics(operations).bindTo(registry);
			System.gc();
			assertThat(registry.get("broker.endpoints").tag("state", "SERVING").gauge().value()).isEqualTo(1);
		});
	}

	private static BrokerOperations reading(LongSupplier crashes) {
		return (BrokerOperations) Proxy.newProxyInstance(BrokerOperations.class.getClassLoader(),
				new Class<?>[] { BrokerOperations.class },
				(proxy, method, arguments) -> List.of(new EndpointSnapshot("tcp", EndpointState.SERVING, Instant.EPOCH,
						1, 1, 0, crashes.getAsLong(), 0, 0, 0, null, null, null)));
	}

	private static BrokerOperations counting(AtomicInteger passes) {
		return (BrokerOperations) Proxy.newProxyInstance(BrokerOperations.class.getClassLoader(),
				new Class<?>[] { BrokerOperations.class }, (proxy, method, arguments) -> {
					assertThat(method.getName()).isEqualTo("endpoints");
					passes.incrementAndGet();
					return List.of(EndpointSnapshot.registered("tcp", Instant.EPOCH, 0));
				});
	}

	@Test
	void theUptimeIsMeasuredByTheMonotonicClock() {
		this.contextRunner.run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			ScriptedFactory.awaitState(operations, "tcp", EndpointState.SERVING);
			AtomicLong now = new AtomicLong(operations.endpoint("tcp").sinceNanos());
			MeterRegistry registry = new SimpleMeterRegistry();
			new BrokerMetrics(operations, PerEndpointMeters.AUTO, now::get).bindTo(registry);
			TimeGauge uptime = registry.get("broker.endpoint.uptime").timeGauge();
			assertThat(uptime.value(TimeUnit.SECONDS)).isZero();
			now.addAndGet(TimeUnit.SECONDS.toNanos(5));
			assertThat(uptime.value(TimeUnit.SECONDS)).isEqualTo(5);
			operations.stop("tcp");
			ScriptedFactory.awaitState(operations, "tcp", EndpointState.STOPPED);
			assertThat(uptime.value(TimeUnit.SECONDS)).isZero();
		});
	}

	@Test
	void theRecoveryTimerShowsHowLongAnEndpointWasDown() {
		this.contextRunner.run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			context.getBean(ScriptedFactory.class).crash(operations, "tcp", new IllegalStateException("boom"));
			ScriptedFactory.await(() -> recovery(context).count() == 1);
			assertThat(Duration.ofNanos((long) recovery(context).totalTime(TimeUnit.NANOSECONDS)))
				.isBetween(Duration.ofMillis(90), Duration.ofSeconds(5));
		});
	}

	@Test
	void noCounterRunsBackwardsOverAPause() {
		this.contextRunner.run((context) -> {
			BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
			ScriptedFactory.awaitState(lifecycle, "tcp", EndpointState.SERVING);
			lifecycle.stop();
			assertThat(counter(context, "broker.endpoint.starts")).isEqualTo(1);
			assertThat(gauge(context, "broker.endpoint.up")).isZero();
			lifecycle.start();
			ScriptedFactory.awaitState(lifecycle, "tcp", EndpointState.SERVING);
			assertThat(counter(context, "broker.endpoint.starts")).isEqualTo(2);
			assertThat(recovery(context).count()).isZero();
		});
	}

	@Test
	void g13EventsThatListenersAreTooSlowForAreCountedAndGoOnCountingOverAPause() {
		this.contextRunner.withUserConfiguration(SlowListener.class)
			.withPropertyValues("broker.restart.mode=never")
			.run((context) -> {
				BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
				SlowListener listener = context.getBean(SlowListener.class);
				listener.busy.acquire();
				assertThat(lostEvents(context)).isZero();
				dropTimes(3, context);
				// Of three reports of a drop only the newest waits.
				assertThat(lostEvents(context)).isEqualTo(2);
				lifecycle.stop();
				assertThat(lostEvents(context)).isEqualTo(2);
				lifecycle.start();
				listener.busy.acquire();
				assertThat(lostEvents(context)).isEqualTo(2);
				dropTimes(2, context);
				assertThat(lostEvents(context)).isEqualTo(3);
				listener.goOn.countDown();
			});
	}

	private static void dropTimes(int times, ApplicationContext context) {
		BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
		ScriptedFactory factory = context.getBean(ScriptedFactory.class);
		for (int i = 0; i < times; i++) {
			if (i > 0) {
				lifecycle.start("tcp");
			}
			factory.crash(lifecycle, "tcp", new IllegalStateException("boom"));
			ScriptedFactory.awaitState(lifecycle, "tcp", EndpointState.DROPPED);
		}
	}

	@Test
	void metricsBackOffWithoutTheirLibrary() {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(BrokerAutoConfiguration.class, BrokerMetricsAutoConfiguration.class))
			.withUserConfiguration(TestEndpoints.Tcp.class)
			.withClassLoader(new FilteredClassLoader(MeterRegistry.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(BrokerLifecycle.class)
				.doesNotHaveBean(BrokerMetrics.class)
				.doesNotHaveBean(RecoveryTimer.class)
				.doesNotHaveBean(CrashCounter.class)
				.doesNotHaveBean(LostEvents.class));
	}

	@Test
	void metricsBackOffWithoutABroker() {
		this.contextRunner.withPropertyValues("broker.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(BrokerMetrics.class)
				.doesNotHaveBean(RecoveryTimer.class)
				.doesNotHaveBean(CrashCounter.class)
				.doesNotHaveBean(LostEvents.class));
	}

	@Configuration(proxyBeanMethods = false)
	static class SlowListener {

		/** One permit for each broker whose mailbox hangs here. */
		final Semaphore busy = new Semaphore(0);

		final CountDownLatch goOn = new CountDownLatch(1);

		@EventListener
		void on(EndpointStateEvent event) throws InterruptedException {
			this.busy.release();
			this.goOn.await();
		}

	}

}
