package dev.cider.broker.spring;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

import dev.cider.broker.Broker;
import dev.cider.broker.BrokerOperations;
import dev.cider.broker.BrokerState;
import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.CrashSummary;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointOptions;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartPolicy;
import dev.cider.broker.spring.autoconfigure.BrokerAutoConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What one view shows was true at one moment.
 */
@Timeout(300)
class ViewsTests {

	private final ScriptedFactory tcp = new ScriptedFactory();

	private Broker broker = Broker.create();

	private Broker serving(int historySize) {
		this.broker = Broker.builder().historySize(historySize).keepServing(true).build();
		RestartPolicy policy = RestartPolicy.builder()
			.allowedConsecutiveErrors(RestartPolicy.UNLIMITED)
			.backoff(Backoff.none())
			.build();
		this.broker.registerEndpointFactory("tcp", this.tcp, EndpointOptions.builder().restartPolicy(policy).build());
		this.broker.listenAndServe();
		ScriptedFactory.awaitState(this.broker, "tcp", EndpointState.SERVING);
		return this.broker;
	}

	@AfterEach
	void close() {
		this.broker.close();
	}

	private void crash(int times) {
		IntStream.range(0, times)
			.forEach((i) -> this.tcp.crash(this.broker, "tcp", new IllegalStateException("boom " + i)));
	}

	@Test
	void aBrokerThatEndsBetweenTheReadsIsNotShownTerminatedWithServingEndpoints() {
		BrokerView view = BrokerView.of(new Meddled(serving(20), () -> this.broker.close()));
		assertThat(view.state()).isEqualTo(BrokerState.TERMINATED);
		assertThat(view.endpoint("tcp").state()).isEqualTo(EndpointState.STOPPED);
	}

	@ParameterizedTest
	@CsvSource({ "20, 0, 1, 0", "20, 1, 1, 1", "20, 3, 2, 3", "2, 3, 1, 1", "2, 3, 2, 1", "2, 3, 5, 1", "1, 1, 1, 1",
			"0, 2, 1, 0" })
	void crashesThatComeBetweenTheReadsAreLeftOutOfTheHistory(int historySize, int before, int between, int shown) {
		serving(historySize);
		crash(before);
		EndpointView view = EndpointView.of(new Meddled(this.broker, () -> crash(between)), "tcp");
		CrashSummary last = view.snapshot().lastCrash();
		assertThat(last != null).isEqualTo(before > 0);
		assertThat(view.history()).hasSize(shown);
		if (shown > 0) {
			assertThat(view.history()).first().isEqualTo(last);
			assertThat(view.history()).extracting(CrashSummary::incarnation)
				.isEqualTo(IntStream.range(0, shown).mapToObj((i) -> (long) before - i).toList());
		}
	}

	@Test
	void theViewsAgreeWhileTheLifecycleIsStoppedAndStartedAgainAndAgain() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(BrokerAutoConfiguration.class))
			.withUserConfiguration(TestEndpoints.Tcp.class)
			.run((context) -> {
				BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
				AtomicBoolean over = new AtomicBoolean();
				CountDownLatch reading = new CountDownLatch(1);
				Thread restarting = new Thread(() -> {
					try {
						reading.await();
						for (int i = 0; i < 50; i++) {
							lifecycle.stop();
							lifecycle.start();
							ScriptedFactory.awaitState(lifecycle, "tcp", EndpointState.SERVING);
						}
					}
					catch (InterruptedException ex) {
						throw new IllegalStateException(ex);
					}
					finally {
						over.set(true);
					}
				});
				restarting.start();
				while (!over.get()) {
					BrokerView view = lifecycle.view();
					if (view.state() == BrokerState.TERMINATED) {
						assertThat(view.endpoint("tcp").state()).isEqualTo(EndpointState.STOPPED);
					}
					reading.countDown();
				}
				restarting.join();
			});
	}

	/**
	 * Operations during which something happens after the first snapshots were taken.
	 */
	private static final class Meddled implements BrokerOperations {

		private final Broker broker;

		private final Runnable meddling;

		private final AtomicBoolean done = new AtomicBoolean();

		private Meddled(Broker broker, Runnable meddling) {
			this.broker = broker;
			this.meddling = meddling;
		}

		private <T> T thenMeddle(T seen) {
			if (this.done.compareAndSet(false, true)) {
				this.meddling.run();
			}
			return seen;
		}

		@Override
		public BrokerState state() {
			return this.broker.state();
		}

		@Override
		public List<EndpointSnapshot> endpoints() {
			return thenMeddle(this.broker.endpoints());
		}

		@Override
		public EndpointSnapshot endpoint(String id) {
			return thenMeddle(this.broker.endpoint(id));
		}

		@Override
		public List<CrashSummary> history(String id) {
			return this.broker.history(id);
		}

		@Override
		public void start(String id) {
			this.broker.start(id);
		}

		@Override
		public void stop(String id) {
			this.broker.stop(id);
		}

		@Override
		public void restart(String id) {
			this.broker.restart(id);
		}

		@Override
		public <F extends EndpointFactory> void add(String id, F factory, EndpointOptions options) {
			this.broker.add(id, factory, options);
		}

		@Override
		public void add(String id, ContextualEndpointFactory factory, EndpointOptions options) {
			this.broker.add(id, factory, options);
		}

		@Override
		public CompletableFuture<Void> remove(String id) {
			return this.broker.remove(id);
		}

	}

}
