package dev.cider.broker.spring.autoconfigure;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;

import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointState;
import dev.cider.broker.EndpointTerminatedException;
import dev.cider.broker.spring.ApplicationExit;
import dev.cider.broker.spring.BrokerBuilderCustomizer;
import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.EndpointCrashEvent;
import dev.cider.broker.spring.EndpointStateEvent;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.StoppedInPhase;
import dev.cider.broker.spring.Supervised;
import dev.cider.broker.spring.TestEndpoints;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * G5: a shutdown that is announced counts as a close that was asked for. From when the
 * context begins to close or to pause, what an endpoint throws is no crash.
 */
@Timeout(300)
class PlannedShutdownTests {

	private final Witness witness = new Witness();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(BrokerAutoConfiguration.class))
		.withPropertyValues("broker.restart.allowed-consecutive-errors=1")
		.withBean(Witness.class, () -> this.witness)
		.withUserConfiguration(TestEndpoints.Tcp.class);

	@Test
	void g5AnExceptionAfterTheContextBeganToCloseIsNoCrash() {
		this.contextRunner.withUserConfiguration(CrashesAtClose.class)
			.withPropertyValues("broker.on-drop=shutdown")
			.withBean(ApplicationExit.class, () -> (report) -> this.witness.exits.add(report.factoryId()))
			.run((context) -> {
				BrokerLifecycle broker = serving(context);
				context.getSourceApplicationContext().close();
				assertEndedWithoutCrash(broker);
				assertThat(this.witness.exits).isEmpty();
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "pause", "stop" })
	void g5AnExceptionDuringAPauseIsNoCrashAndOneAfterItIs(String how) {
		this.contextRunner.withUserConfiguration(StoppedEarly.class).run((context) -> {
			BrokerLifecycle broker = serving(context);
			ConfigurableApplicationContext source = context.getSourceApplicationContext();
			boolean pause = how.equals("pause");
			if (pause) {
				source.pause();
			}
			else {
				source.stop();
			}
			assertEndedWithoutCrash(broker);
			if (pause) {
				source.restart();
			}
			else {
				source.start();
			}
			ScriptedFactory.awaitState(broker, "tcp", EndpointState.SERVING);
			context.getBean(ScriptedFactory.class).crash(broker, "tcp", new IllegalStateException("boom"));
			ScriptedFactory.await(() -> this.witness.crashes.size() == 1);
			assertThat(broker.endpoint("tcp").crashes()).isOne();
		});
	}

	@Test
	void endpointsServeUntilTheBrokersOwnPhase() {
		List<EndpointState> states = new CopyOnWriteArrayList<>();
		this.contextRunner.run((context) -> {
			BrokerLifecycle broker = serving(context);
			context.getSourceApplicationContext().addApplicationListener((ContextClosedEvent event) -> {
				assertThatExceptionOfType(EndpointTerminatedException.class).isThrownBy(() -> broker.restart("tcp"));
				states.add(broker.endpoint("tcp").state());
			});
			context.getSourceApplicationContext().close();
			assertThat(states).containsExactly(EndpointState.SERVING);
		});
	}

	@Test
	void theCloseOfAChildContextAnnouncesNoStop() {
		this.contextRunner.run((context) -> {
			BrokerLifecycle broker = serving(context);
			GenericApplicationContext child = new GenericApplicationContext(context);
			child.refresh();
			child.close();
			context.getBean(ScriptedFactory.class).crash(broker, "tcp", new IllegalStateException("boom"));
			assertThat(broker.endpoint("tcp").crashes()).isOne();
		});
	}

	@Test
	void anAnnouncementThatComesDuringAStartIsNotLost() {
		CountDownLatch starting = new CountDownLatch(1);
		CountDownLatch announced = new CountDownLatch(1);
		this.contextRunner.withPropertyValues("broker.lifecycle.auto-startup=false")
			.withBean(BrokerBuilderCustomizer.class, () -> (builder) -> {
				starting.countDown();
				awaitQuietly(announced);
			})
			.run((context) -> {
				BrokerLifecycle broker = context.getBean(BrokerLifecycle.class);
				Thread start = new Thread(broker::start);
				start.start();
				starting.await();
				broker.announceStop();
				announced.countDown();
				start.join();
				assertThatExceptionOfType(EndpointTerminatedException.class).isThrownBy(() -> broker.restart("tcp"));
			});
	}

	@Test
	void anAnnouncementToABrokerThatDoesNotRunChangesNothing() {
		this.contextRunner.withPropertyValues("broker.lifecycle.auto-startup=false").run((context) -> {
			BrokerLifecycle broker = context.getBean(BrokerLifecycle.class);
			broker.announceStop();
			broker.start();
			serving(context);
			assertThatCode(() -> broker.restart("tcp")).doesNotThrowAnyException();
		});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void g5AnExecutorThatRejectsWorkDuringTheShutdownMakesNoCrash(boolean scheduler) {
		this.contextRunner.withPropertyValues("scheduler=" + scheduler)
			.withUserConfiguration(HandsOver.class)
			.run((context) -> {
				BrokerLifecycle broker = serving(context);
				ScriptedFactory.awaitState(broker, "handsOver", EndpointState.SERVING);
				context.getSourceApplicationContext().close();
				assertThat(this.witness.rejected.getCount()).isZero();
				assertThat(broker.endpoint("handsOver").crashes()).isZero();
				assertThat(this.witness.crashes).isEmpty();
			});
	}

	private static BrokerLifecycle serving(AssertableApplicationContext context) {
		BrokerLifecycle broker = context.getBean(BrokerLifecycle.class);
		ScriptedFactory.awaitState(broker, "tcp", EndpointState.SERVING);
		return broker;
	}

	private static void crashAndAwaitEnd(ConfigurableApplicationContext context) {
		BrokerLifecycle broker = context.getBean(BrokerLifecycle.class);
		context.getBean(ScriptedFactory.class).latest().crash(new RejectedExecutionException("shut down"));
		ScriptedFactory.await(() -> broker.endpoint("tcp").state() != EndpointState.SERVING
				&& broker.endpoint("tcp").state() != EndpointState.CLOSING);
	}

	private void assertEndedWithoutCrash(BrokerLifecycle broker) {
		assertThat(broker.endpoint("tcp").state()).isEqualTo(EndpointState.STOPPED);
		assertThat(broker.endpoint("tcp").crashes()).isZero();
		assertThat(broker.endpoint("tcp").starts()).isOne();
		assertThat(this.witness.crashes).isEmpty();
		assertThat(this.witness.states).contains(EndpointState.STOPPED).doesNotContain(EndpointState.DROPPED);
	}

	private static void awaitQuietly(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	static class Witness {

		private final List<EndpointCrashEvent> crashes = new CopyOnWriteArrayList<>();

		private final List<EndpointState> states = new CopyOnWriteArrayList<>();

		private final List<String> exits = new CopyOnWriteArrayList<>();

		private final CountDownLatch rejected = new CountDownLatch(1);

		@EventListener
		void on(EndpointCrashEvent event) {
			this.crashes.add(event);
		}

		@EventListener
		void on(EndpointStateEvent event) {
			this.states.add(event.getAfter().state());
		}

	}

	/** A bean that an endpoint uses, and that ends at the event of the close. */
	@Configuration(proxyBeanMethods = false)
	static class CrashesAtClose {

		@EventListener
		void on(ContextClosedEvent event) {
			crashAndAwaitEnd((ConfigurableApplicationContext) event.getApplicationContext());
		}

	}

	/** A bean that an endpoint uses, and that Spring stops before the broker. */
	@Configuration(proxyBeanMethods = false)
	static class StoppedEarly {

		@Bean
		SmartLifecycle early(ConfigurableApplicationContext context) {
			return new StoppedInPhase(SmartLifecycle.DEFAULT_PHASE - 1, () -> crashAndAwaitEnd(context));
		}

	}

	/** An endpoint that hands work to an executor while the context closes. */
	@Configuration(proxyBeanMethods = false)
	static class HandsOver {

		private final LinkedBlockingQueue<Runnable> clients = new LinkedBlockingQueue<>();

		@Bean
		ThreadPoolTaskScheduler scheduler() {
			return new ThreadPoolTaskScheduler();
		}

		@Bean
		ThreadPoolTaskExecutor executor() {
			ThreadPoolTaskExecutor executor = new ThreadPoolTaskExecutor();
			executor.setStrictEarlyShutdown(true);
			return executor;
		}

		/** A phase before the broker's, as a web server that still drains. */
		@Bean
		SmartLifecycle webServer(Witness witness) {
			return new StoppedInPhase(SmartLifecycle.DEFAULT_PHASE - 1024, () -> {
				this.clients.add(() -> {
				});
				awaitQuietly(witness.rejected);
			});
		}

		@Bean
		@Supervised
		EndpointFactory handsOver(ThreadPoolTaskScheduler scheduler, ThreadPoolTaskExecutor executor, Witness witness,
				@Value("${scheduler}") boolean scheduled) {
			return () -> new Endpoint() {

				@Override
				public void listenAndServe() throws Exception {
					while (true) {
						Runnable client = HandsOver.this.clients.take();
						try {
							if (scheduled) {
								scheduler.schedule(client, Instant.now());
							}
							else {
								executor.execute(client);
							}
						}
						catch (RejectedExecutionException ex) {
							witness.rejected.countDown();
							throw ex;
						}
					}
				}

				@Override
				public void close() {
					HandsOver.this.clients.add(() -> {
					});
				}

			};
		}

	}

}
