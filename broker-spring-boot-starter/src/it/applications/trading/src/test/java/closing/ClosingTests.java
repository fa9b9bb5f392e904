package closing;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.EndpointCrashEvent;
import dev.cider.broker.spring.Supervised;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.core.task.TaskRejectedException;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A strict executor and a scheduler reject work as soon as the context begins to close,
 * while requests still drain and endpoints still serve.
 */
class ClosingTests {

	private static final Duration LIMIT = Duration.ofMinutes(4);

	@ParameterizedTest
	@ValueSource(strings = { "executor", "scheduler" })
	void workThatIsRejectedSinceTheContextClosesIsNoCrash(String pool) {
		ConfigurableApplicationContext context = new SpringApplicationBuilder(App.class).web(WebApplicationType.NONE)
			.run("--pool=" + pool, "--broker.restart.delay=1ms");
		BrokerOperations broker = context.getBean(BrokerOperations.class);
		App app = context.getBean(App.class);
		Awaitility.await().atMost(LIMIT).until(() -> broker.endpoint("worker").state() == EndpointState.SERVING);
		context.close();
		assertThat(app.rejected.getCount()).as("rejections that are missing").isZero();
		assertThat(app.crashes).isEmpty();
		assertThat(broker.endpoint("worker").state()).isEqualTo(EndpointState.STOPPED);
		assertThat(broker.endpoint("worker").crashes()).as("crashes").isZero();
		assertThat(broker.endpoint("worker").starts()).as("starts").isOne();
	}

	@SpringBootConfiguration
	@EnableAutoConfiguration
	static class App {

		private final CountDownLatch rejected = new CountDownLatch(1);

		private final Queue<EndpointCrashEvent> crashes = new ConcurrentLinkedQueue<>();

		@Bean
		ThreadPoolTaskExecutor executor() {
			ThreadPoolTaskExecutor executor = new ThreadPoolTaskExecutor();
			executor.setStrictEarlyShutdown(true);
			return executor;
		}

		@Bean
		ThreadPoolTaskScheduler scheduler() {
			return new ThreadPoolTaskScheduler();
		}

		@Bean
		@Supervised
		EndpointFactory worker(ThreadPoolTaskExecutor executor, ThreadPoolTaskScheduler scheduler,
				Environment environment) {
			boolean strict = "executor".equals(environment.getProperty("pool"));
			return () -> new Worker(strict ? executor : scheduler, this.rejected);
		}

		/** As a web server that drains: everything else waits for it. */
		@Bean
		Draining draining() {
			return new Draining(this.rejected);
		}

		@EventListener
		void crashed(EndpointCrashEvent event) {
			this.crashes.add(event);
		}

	}

	private record Worker(Executor pool, CountDownLatch rejected, CountDownLatch closed) implements Endpoint {

		Worker(Executor pool, CountDownLatch rejected) {
			this(pool, rejected, new CountDownLatch(1));
		}

		@Override
		public void listenAndServe() throws InterruptedException {
			try {
				while (!this.closed.await(5, TimeUnit.MILLISECONDS)) {
					this.pool.execute(() -> {
					});
				}
			}
			catch (TaskRejectedException ex) {
				this.rejected.countDown();
				throw ex;
			}
		}

		@Override
		public void close() {
			this.closed.countDown();
		}

	}

	private static final class Draining implements SmartLifecycle {

		private final CountDownLatch rejected;

		private volatile boolean running;

		Draining(CountDownLatch rejected) {
			this.rejected = rejected;
		}

		@Override
		public void start() {
			this.running = true;
		}

		@Override
		public void stop() {
			try {
				this.rejected.await(LIMIT.toSeconds(), TimeUnit.SECONDS);
				// A moment more, in which a crash would be reported and repaired.
				new CountDownLatch(1).await(300, TimeUnit.MILLISECONDS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			this.running = false;
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

	}

}
