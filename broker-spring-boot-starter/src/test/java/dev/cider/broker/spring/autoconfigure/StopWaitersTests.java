package dev.cider.broker.spring.autoconfigure;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.Supervised;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * G10: the broker neither interrupts nor waits for a thread of an endpoint that waits for
 * the broker. If the thread only asked for the stop, or waits no more, the broker does
 * both, as with any thread of an endpoint.
 */
@Timeout(300)
class StopWaitersTests {

	private final Script script = new Script();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(BrokerAutoConfiguration.class, LifecycleAutoConfiguration.class))
		.withBean(Script.class, () -> this.script)
		.withUserConfiguration(Loop.class);

	private void run(Consumer<ConfigurableApplicationContext> onTheEndpointsThread, String... properties) {
		this.contextRunner.withPropertyValues(properties).run((context) -> {
			BrokerLifecycle broker = context.getBean(BrokerLifecycle.class);
			ConfigurableApplicationContext source = context.getSourceApplicationContext();
			this.script.step.set(() -> onTheEndpointsThread.accept(source));
			this.script.given.countDown();
			ScriptedFactory.await(() -> !broker.isRunning());
			assertThat(this.script.closes).isTrue();
			this.script.abandoned = broker.endpoint("loop").abandoned();
			this.script.finish.countDown();
		});
	}

	private void assertInterruptedAndWaitedFor() {
		assertThat(this.script.interrupted).isTrue();
		assertThat(this.script.abandoned).isZero();
	}

	@Test
	void g10AThreadThatStopsWithACallbackIsInterruptedAndWaitedFor() {
		run((context) -> {
			context.getBean(BrokerLifecycle.class).stop(() -> {
			});
			this.script.stopReturned.countDown();
			this.script.awaitInterrupt();
		}, "broker.close-timeout=50ms");
		assertInterruptedAndWaitedFor();
	}

	@Test
	void g10AThreadThatAnnouncesAStopIsInterruptedAndWaitedFor() {
		run((context) -> {
			BrokerLifecycle broker = context.getBean(BrokerLifecycle.class);
			broker.announceStop();
			this.script.stopReturned.countDown();
			new Thread(broker::stop).start();
			this.script.awaitInterrupt();
		}, "broker.close-timeout=50ms");
		assertInterruptedAndWaitedFor();
	}

	@Test
	void g10AThreadThatWaitsInAStopIsNeitherInterruptedNorWaitedFor() {
		run((context) -> {
			this.script.stopReturned.countDown();
			context.getBean(BrokerLifecycle.class).stop();
			this.script.interrupted.set(Thread.currentThread().isInterrupted());
			this.script.awaitFinish();
		}, "broker.close-timeout=1h");
		assertThat(this.script.interrupted).isFalse();
		assertThat(this.script.abandoned).isOne();
	}

	@Test
	void g10AThreadThatIsInterruptedInAStopWaitsNoMore() {
		run((context) -> {
			Thread.currentThread().interrupt();
			context.getBean(BrokerLifecycle.class).stop();
			assertThat(Thread.interrupted()).isTrue();
			this.script.stopReturned.countDown();
			this.script.awaitInterrupt();
		}, "broker.close-timeout=1s");
		assertInterruptedAndWaitedFor();
	}

	@ParameterizedTest
	@ValueSource(strings = { "close", "stop", "pause" })
	void g10AThreadWhoseContextGivesUpOnThePhaseWaitsNoMore(String how) {
		run((context) -> {
			switch (how) {
				case "close" -> context.close();
				case "stop" -> context.stop();
				default -> context.pause();
			}
			this.script.stopReturned.countDown();
			this.script.awaitInterrupt();
		}, "broker.close-timeout=1s", "spring.lifecycle.timeout-per-shutdown-phase=20ms");
		assertInterruptedAndWaitedFor();
	}

	@Test
	void g10AThreadThatSaysItWaitsForItsCallbackIsNotInterrupted() {
		CountDownLatch calledBack = new CountDownLatch(1);
		run((context) -> {
			BrokerLifecycle broker = context.getBean(BrokerLifecycle.class);
			broker.awaitedBy(Thread.currentThread());
			this.script.stopReturned.countDown();
			broker.stop(calledBack::countDown);
			this.script.awaitUnlessInterrupted(calledBack);
			this.script.awaitFinish();
		}, "broker.close-timeout=1h");
		assertThat(this.script.interrupted).isFalse();
		assertThat(this.script.abandoned).isOne();
	}

	/** What the endpoint's own thread does, and what happened to it. */
	static class Script {

		private final AtomicReference<Runnable> step = new AtomicReference<>();

		private final CountDownLatch given = new CountDownLatch(1);

		/**
		 * The close ends only then: the broker abandons no thread before a close has
		 * ended.
		 */
		private final CountDownLatch stopReturned = new CountDownLatch(1);

		private final CountDownLatch finish = new CountDownLatch(1);

		private final AtomicBoolean interrupted = new AtomicBoolean();

		private final AtomicBoolean closes = new AtomicBoolean();

		private volatile int abandoned;

		void awaitInterrupt() {
			awaitUnlessInterrupted(this.finish);
		}

		void awaitFinish() {
			awaitUnlessInterrupted(this.finish);
		}

		void awaitUnlessInterrupted(CountDownLatch latch) {
			try {
				assertThat(latch.await(4, TimeUnit.MINUTES)).isTrue();
			}
			catch (InterruptedException ex) {
				this.interrupted.set(true);
			}
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Loop {

		@Bean
		@Supervised
		EndpointFactory loop(Script script) {
			return () -> new Endpoint() {

				@Override
				public void listenAndServe() throws Exception {
					script.given.await();
					script.step.get().run();
				}

				@Override
				public void close() {
					script.closes.set(true);
					while (script.stopReturned.getCount() > 0) {
						try {
							script.stopReturned.await();
						}
						catch (InterruptedException ex) {
							// This close ignores interrupts.
						}
					}
				}

			};
		}

	}

}
