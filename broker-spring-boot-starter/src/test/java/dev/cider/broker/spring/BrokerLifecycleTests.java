package dev.cider.broker.spring;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.cider.broker.Broker;
import dev.cider.broker.BrokerMonitor;
import dev.cider.broker.BrokerOperations;
import dev.cider.broker.BrokerState;
import dev.cider.broker.EndpointCrashReport;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import dev.cider.broker.InvalidStateException;
import dev.cider.broker.Termination;
import dev.cider.broker.UnknownEndpointException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * How the broker follows the life of its context.
 */
@Timeout(300)
class BrokerLifecycleTests {

	private final CountDownLatch closeAllowed = new CountDownLatch(1);

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(autoConfiguration()))
		.withUserConfiguration(TestEndpoints.Tcp.class);

	/** Loaded by name: the root package must not depend on the auto-configuration. */
	private static Class<?> autoConfiguration() {
		try {
			return Class.forName("dev.cider.broker.spring.autoconfigure.BrokerAutoConfiguration");
		}
		catch (ClassNotFoundException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void startsBeforeTheWebServerOpensItsPortAndStopsAfterItHasDrained() {
		this.contextRunner.run((context) -> {
			BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
			assertThat(lifecycle.getPhase()).isEqualTo(SmartLifecycle.DEFAULT_PHASE - 4096);
			assertThat(lifecycle.isAutoStartup()).isTrue();
			assertThat(lifecycle.isPauseable()).isTrue();
		});
	}

	@Test
	void beforeTheFirstStartTheEndpointsAreShownAsRegistered() {
		this.contextRunner.withPropertyValues("broker.lifecycle.auto-startup=false").run((context) -> {
			BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
			assertThat(lifecycle.isRunning()).isFalse();
			assertThat(lifecycle.state()).isEqualTo(BrokerState.INITIALISED);
			assertThat(lifecycle.endpoints()).singleElement().satisfies((endpoint) -> {
				assertThat(endpoint.id()).isEqualTo("tcp");
				assertThat(endpoint.state()).isEqualTo(EndpointState.REGISTERED);
				assertThat(endpoint.starts()).isZero();
			});
			assertThat(lifecycle.history("tcp")).isEmpty();
			assertRefusesOperations(lifecycle);
		});
	}

	@Test
	void anUnknownIdIsSaidToBeUnknownWhetherOrNotTheBrokerRuns() {
		this.contextRunner.withPropertyValues("broker.lifecycle.auto-startup=false").run((context) -> {
			BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
			assertKnowsNo(lifecycle, "udp");
			lifecycle.start();
			assertKnowsNo(lifecycle, "udp");
			lifecycle.stop();
			assertKnowsNo(lifecycle, "udp");
		});
	}

	private static void assertKnowsNo(BrokerLifecycle lifecycle, String id) {
		assertThatExceptionOfType(UnknownEndpointException.class).isThrownBy(() -> lifecycle.endpoint(id));
		assertThatExceptionOfType(UnknownEndpointException.class).isThrownBy(() -> lifecycle.history(id));
		assertThatExceptionOfType(UnknownEndpointException.class).isThrownBy(() -> lifecycle.options(id));
		assertThatExceptionOfType(UnknownEndpointException.class).isThrownBy(() -> lifecycle.stop(id));
	}

	private static void assertRefusesOperations(BrokerOperations operations) {
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> operations.start("tcp"));
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> operations.stop("tcp"));
		assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> operations.restart("tcp"));
	}

	@Test
	void whilePausedTheViewsShowTheLastValuesAsStopped() {
		this.contextRunner.withPropertyValues("broker.restart.delay=0", "broker.restart.jitter=0").run((context) -> {
			BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
			ScriptedFactory factory = context.getBean(ScriptedFactory.class);
			factory.crash(lifecycle, "tcp", new IllegalStateException("boom"));
			ScriptedFactory.await(() -> lifecycle.endpoint("tcp").incarnation() == 2);
			context.getSourceApplicationContext().stop();
			assertThat(lifecycle.isRunning()).isFalse();
			assertThat(lifecycle.state()).isEqualTo(BrokerState.TERMINATED);
			EndpointSnapshot tcp = lifecycle.endpoint("tcp");
			assertThat(tcp.state()).isEqualTo(EndpointState.STOPPED);
			assertThat(tcp.crashes()).isOne();
			assertThat(tcp.starts()).isEqualTo(2);
			assertThat(lifecycle.history("tcp")).hasSize(1);
			assertRefusesOperations(lifecycle);
		});
	}

	@Test
	void aDroppedEndpointIsShownAsStoppedWhilePausedAndStartsAnew() {
		this.contextRunner.withPropertyValues("broker.restart.mode=never").run((context) -> {
			BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
			ScriptedFactory factory = context.getBean(ScriptedFactory.class);
			factory.crash(lifecycle, "tcp", new IllegalStateException("boom"));
			ScriptedFactory.awaitState(lifecycle, "tcp", EndpointState.DROPPED);
			lifecycle.stop();
			assertThat(lifecycle.endpoint("tcp").state()).isEqualTo(EndpointState.STOPPED);
			lifecycle.start();
			ScriptedFactory.awaitState(lifecycle, "tcp", EndpointState.SERVING);
			assertThat(lifecycle.endpoint("tcp").drops()).isOne();
		});
	}

	@Test
	void startsAndStopsAnyNumberOfTimesAndNoCounterRunsBackwards() {
		this.contextRunner.run((context) -> {
			BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
			for (int i = 1; i <= 20; i++) {
				ScriptedFactory.awaitState(lifecycle, "tcp", EndpointState.SERVING);
				assertThat(lifecycle.endpoint("tcp").incarnation()).isEqualTo(i);
				assertThat(lifecycle.endpoint("tcp").starts()).isEqualTo(i);
				context.getSourceApplicationContext().pause();
				assertThat(lifecycle.isRunning()).isFalse();
				context.getSourceApplicationContext().restart();
				assertThat(lifecycle.isRunning()).isTrue();
			}
			assertThat(lifecycle.endpoint("tcp").restarts()).isZero();
		});
	}

	@Test
	void anEndpointThatAnOperatorStoppedStaysStoppedOverAPause() {
		this.contextRunner.run((context) -> {
			BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
			ScriptedFactory.awaitState(lifecycle, "tcp", EndpointState.SERVING);
			lifecycle.stop("tcp");
			ScriptedFactory.awaitState(lifecycle, "tcp", EndpointState.STOPPED);
			lifecycle.stop();
			lifecycle.start();
			assertThat(lifecycle.endpoint("tcp").state()).isEqualTo(EndpointState.STOPPED);
			lifecycle.start("tcp");
			ScriptedFactory.awaitState(lifecycle, "tcp", EndpointState.SERVING);
		});
	}

	@Test
	void theBrokerGoesOnWhenAllItsEndpointsHaveFinished() {
		this.contextRunner.run((context) -> {
			BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
			ScriptedFactory.awaitState(lifecycle, "tcp", EndpointState.SERVING);
			context.getBean(ScriptedFactory.class).latest().finish();
			ScriptedFactory.awaitState(lifecycle, "tcp", EndpointState.FINISHED);
			assertThat(lifecycle.state()).isEqualTo(BrokerState.SERVING);
			assertThat(lifecycle.isRunning()).isTrue();
			lifecycle.start("tcp");
			ScriptedFactory.awaitState(lifecycle, "tcp", EndpointState.SERVING);
		});
	}

	@Test
	void aStopReturnsAtOnceAndCallsBackOnceWhenAllHaveEnded() {
		this.contextRunner.withUserConfiguration(SlowToClose.class)
			.withBean(CountDownLatch.class, () -> this.closeAllowed)
			.run((context) -> {
				BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
				ScriptedFactory.awaitState(lifecycle, "slow", EndpointState.SERVING);
				AtomicInteger callbacks = new AtomicInteger();
				CountDownLatch calledBack = new CountDownLatch(2);
				Runnable callback = () -> {
					callbacks.incrementAndGet();
					calledBack.countDown();
				};
				lifecycle.stop(callback);
				lifecycle.stop(calledBack::countDown);
				assertThat(lifecycle.isRunning()).isTrue();
				assertThat(lifecycle.state()).isEqualTo(BrokerState.TERMINATING);
				assertThat(callbacks).hasValue(0);
				assertThatExceptionOfType(InvalidStateException.class).isThrownBy(lifecycle::start);
				this.closeAllowed.countDown();
				assertThat(calledBack.await(4, TimeUnit.MINUTES)).isTrue();
				assertThat(callbacks).hasValue(1);
				assertThat(lifecycle.isRunning()).isFalse();
			});
	}

	@Test
	void aCallbackThatHangsKeepsNoOtherFromBeingCalled() {
		this.contextRunner.withUserConfiguration(SlowToClose.class)
			.withBean(CountDownLatch.class, () -> this.closeAllowed)
			.run((context) -> {
				BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
				ScriptedFactory.awaitState(lifecycle, "slow", EndpointState.SERVING);
				CountDownLatch release = new CountDownLatch(1);
				CountDownLatch calledBack = new CountDownLatch(2);
				Runnable hanging = () -> {
					try {
						release.await();
					}
					catch (InterruptedException ex) {
						Thread.currentThread().interrupt();
					}
				};
				lifecycle.stop(calledBack::countDown);
				lifecycle.stop(hanging);
				lifecycle.stop(calledBack::countDown);
				this.closeAllowed.countDown();
				assertThat(calledBack.await(4, TimeUnit.MINUTES)).isTrue();
				release.countDown();
			});
	}

	@Test
	void aStopOfABrokerThatDoesNotRunCallsBackAtOnce() {
		this.contextRunner.withPropertyValues("broker.lifecycle.auto-startup=false").run((context) -> {
			CountDownLatch calledBack = new CountDownLatch(1);
			context.getBean(BrokerLifecycle.class).stop(calledBack::countDown);
			assertThat(calledBack.getCount()).isZero();
		});
	}

	@Test
	void aStopWaitsUntilTheMonitorsHaveBeenToldEverything() {
		TellTale monitor = new TellTale(new CountDownLatch(0));
		this.contextRunner.withBean(BrokerMonitor.class, () -> monitor).run((context) -> {
			BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
			ScriptedFactory.awaitState(lifecycle, "tcp", EndpointState.SERVING);
			lifecycle.stop();
			assertThat(monitor.told).containsExactly("terminated");
			lifecycle.start();
			lifecycle.stop();
			assertThat(monitor.told).containsExactly("terminated", "terminated");
		});
	}

	@Test
	void aMonitorThatHangsHoldsAStopForASecondAtMost() {
		TellTale monitor = new TellTale(this.closeAllowed);
		this.contextRunner.withBean(BrokerMonitor.class, () -> monitor).run((context) -> {
			BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
			ScriptedFactory.awaitState(lifecycle, "tcp", EndpointState.SERVING);
			long began = System.nanoTime();
			lifecycle.stop();
			assertThat(Duration.ofNanos(System.nanoTime() - began)).isBetween(Duration.ofMillis(900),
					Duration.ofSeconds(5));
			assertThat(lifecycle.isRunning()).isFalse();
			this.closeAllowed.countDown();
		});
	}

	@Test
	void aFailedStartLeavesTheBrokerStoppedAndCanBeRepeated() {
		AtomicInteger starts = new AtomicInteger();
		this.contextRunner.withPropertyValues("broker.lifecycle.auto-startup=false")
			.withBean(BrokerBuilderCustomizer.class, () -> (builder) -> {
				if (starts.incrementAndGet() == 2) {
					throw new IllegalStateException("not now");
				}
			})
			.run((context) -> {
				BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
				lifecycle.start();
				ScriptedFactory.awaitState(lifecycle, "tcp", EndpointState.SERVING);
				lifecycle.stop();
				assertThatExceptionOfType(IllegalStateException.class).isThrownBy(lifecycle::start)
					.withMessage("not now");
				assertThat(lifecycle.isRunning()).isFalse();
				assertThat(lifecycle.endpoint("tcp").starts()).isOne();
				lifecycle.start();
				ScriptedFactory.await(() -> lifecycle.endpoint("tcp").starts() == 2);
			});
	}

	@Test
	void aStartThatFailsWithACheckedExceptionLeavesTheBrokerStoppedToo() {
		IOException checked = new IOException("not now");
		this.contextRunner.withPropertyValues("broker.lifecycle.auto-startup=false")
			.withBean(BrokerBuilderCustomizer.class, () -> (builder) -> BrokerLifecycleTests.sneak(checked))
			.run((context) -> {
				BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
				assertThatExceptionOfType(IOException.class).isThrownBy(lifecycle::start);
				assertThat(lifecycle.isRunning()).isFalse();
			});
	}

	/** Throws a checked exception undeclared, as other languages of the JVM do. */
	@SuppressWarnings("unchecked")
	private static <T extends Throwable> void sneak(Throwable thrown) throws T {
		throw (T) thrown;
	}

	@Test
	void stopsDuringAStartCallBackOnceEachAndTheBrokerCanBeStartedAgain() {
		CountDownLatch starting = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		this.contextRunner.withPropertyValues("broker.lifecycle.auto-startup=false")
			.withBean(BrokerBuilderCustomizer.class, () -> (builder) -> {
				starting.countDown();
				awaitQuietly(goOn);
			})
			.run((context) -> {
				BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
				Thread start = new Thread(lifecycle::start);
				start.start();
				starting.await();
				AtomicInteger callbacks = new AtomicInteger();
				lifecycle.stop(callbacks::incrementAndGet);
				lifecycle.stop(callbacks::incrementAndGet);
				assertThat(lifecycle.isRunning()).isTrue();
				assertThat(callbacks).hasValue(0);
				goOn.countDown();
				ScriptedFactory.await(() -> callbacks.get() == 2);
				assertThat(lifecycle.isRunning()).isFalse();
				start.join();
				lifecycle.start();
				ScriptedFactory.awaitState(lifecycle, "tcp", EndpointState.SERVING);
				assertThat(callbacks).hasValue(2);
			});
	}

	private static void awaitQuietly(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Test
	void customizersChangeTheBuilderOfEveryBroker() {
		List<Broker.Builder> builders = new CopyOnWriteArrayList<>();
		this.contextRunner.withBean(BrokerBuilderCustomizer.class, () -> builders::add).run((context) -> {
			BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
			lifecycle.stop();
			lifecycle.start();
			assertThat(builders).hasSize(2).doesNotHaveDuplicates();
		});
	}

	@Test
	void theHistoryIsAsLongAsConfigured() {
		this.contextRunner
			.withPropertyValues("broker.history-size=1", "broker.restart.delay=0", "broker.restart.jitter=0")
			.run((context) -> {
				BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
				ScriptedFactory factory = context.getBean(ScriptedFactory.class);
				factory.crash(lifecycle, "tcp", new IllegalStateException("one"));
				ScriptedFactory.await(() -> factory.made.size() == 2);
				factory.crash(lifecycle, "tcp", new IllegalStateException("two"));
				assertThat(lifecycle.history("tcp")).singleElement()
					.satisfies((crash) -> assertThat(crash.message()).isEqualTo("two"));
			});
	}

	private static final class TellTale implements BrokerMonitor {

		private final List<String> told = new CopyOnWriteArrayList<>();

		private final CountDownLatch allowed;

		private TellTale(CountDownLatch allowed) {
			this.allowed = allowed;
		}

		@Override
		public void crashed(EndpointCrashReport report) {
			this.told.add("crashed");
		}

		@Override
		public void terminated(Termination termination) {
			try {
				this.allowed.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			this.told.add("terminated");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class SlowToClose {

		@Bean
		@Supervised
		EndpointFactory slow(CountDownLatch closeAllowed) {
			return () -> new ScriptedEndpoint(closeAllowed);
		}

	}

}
