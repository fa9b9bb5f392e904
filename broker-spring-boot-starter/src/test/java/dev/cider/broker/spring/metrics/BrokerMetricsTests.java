package dev.cider.broker.spring.metrics;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.EndpointStateEvent;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.TestEndpoints;
import dev.cider.broker.spring.autoconfigure.BrokerAutoConfiguration;
import dev.cider.broker.spring.autoconfigure.BrokerMetricsAutoConfiguration;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

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

	@Test
	void theUptimeIsMeasuredByTheMonotonicClock() {
		this.contextRunner.run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			ScriptedFactory.awaitState(operations, "tcp", EndpointState.SERVING);
			AtomicLong now = new AtomicLong(operations.endpoint("tcp").sinceNanos());
			MeterRegistry registry = new SimpleMeterRegistry();
			new BrokerMetrics(operations, now::get).bindTo(registry);
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
				.doesNotHaveBean(LostEvents.class));
	}

	@Test
	void metricsBackOffWithoutABroker() {
		this.contextRunner.withPropertyValues("broker.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(BrokerMetrics.class)
				.doesNotHaveBean(RecoveryTimer.class)
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
