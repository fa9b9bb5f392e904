package dev.cider.broker.spring.autoconfigure;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointCrashReport;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.ApplicationExit;
import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.Supervised;
import dev.cider.broker.spring.TestEndpoints;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which drops end the application. The exit only records them.
 */
class ShutdownOnDropTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(BrokerAutoConfiguration.class))
		.withUserConfiguration(Endpoints.class)
		.withPropertyValues("broker.restart.mode=never");

	private static void drop(ConfigurableApplicationContext context, String id) {
		BrokerOperations operations = context.getBean(BrokerOperations.class);
		context.getBean(id, ScriptedFactory.class).crash(operations, id, new IllegalStateException("boom " + id));
		ScriptedFactory.awaitState(operations, id, EndpointState.DROPPED);
	}

	@Test
	void theExitIsOneOfTheApplicationIfThereIsOne() {
		this.contextRunner.run((context) -> assertThat(context).getBean(ApplicationExit.class)
			.isSameAs(context.getBean(RecordingExit.class)));
	}

	@Test
	void aDropEndsTheApplicationOnceAndOnlyIfSoConfigured() {
		this.contextRunner.withPropertyValues("broker.on-drop=shutdown", "broker.endpoints.quiet.on-drop=none")
			.run((context) -> {
				RecordingExit exit = context.getBean(RecordingExit.class);
				drop(context, "quiet");
				drop(context, "tcp");
				drop(context, "udp");
				// After the stop every mailbox is empty.
				context.getBean(BrokerLifecycle.class).stop();
				ScriptedFactory.await(() -> !exit.reports.isEmpty());
				assertThat(exit.reports).singleElement().satisfies((report) -> {
					assertThat(report.factoryId()).isEqualTo("tcp");
					assertThat(report.dropped()).isTrue();
					assertThat(report.error()).hasMessage("boom tcp");
				});
				context.getBean(BrokerLifecycle.class).start();
				drop(context, "udp");
				ScriptedFactory.await(() -> exit.reports.size() == 2);
			});
	}

	@Test
	void aCrashThatIsRepairedDoesNotEndTheApplication() {
		this.contextRunner
			.withPropertyValues("broker.on-drop=shutdown", "broker.restart.mode=on-failure", "broker.restart.delay=0s",
					"broker.restart.allowed-consecutive-errors=2", "broker.restart.error-window=1h")
			.run((context) -> {
				BrokerOperations operations = context.getBean(BrokerOperations.class);
				ScriptedFactory tcp = context.getBean("tcp", ScriptedFactory.class);
				tcp.crash(operations, "tcp", new IllegalStateException("first"));
				tcp.crash(operations, "tcp", new IllegalStateException("second"));
				RecordingExit exit = context.getBean(RecordingExit.class);
				ScriptedFactory.await(() -> !exit.reports.isEmpty());
				assertThat(exit.reports).extracting((report) -> report.error().getMessage()).containsExactly("second");
			});
	}

	@Test
	void theExitMayCloseTheContextAndWaitForIt() {
		this.contextRunner.withPropertyValues("broker.on-drop=shutdown").run((context) -> {
			RecordingExit exit = context.getBean(RecordingExit.class);
			exit.context = context.getSourceApplicationContext(ConfigurableApplicationContext.class);
			BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
			ScriptedFactory udp = context.getBean("udp", ScriptedFactory.class);
			ScriptedFactory.awaitState(lifecycle, "udp", EndpointState.SERVING);
			context.getBean("tcp", ScriptedFactory.class).crash(lifecycle, "tcp", new IllegalStateException("boom"));
			ScriptedFactory.await(() -> exit.closed.getCount() == 0);
			assertThat(udp.latest().closing.getCount()).isZero();
			assertThat(lifecycle.isRunning()).isFalse();
			assertThat(exit.thread).satisfies((thread) -> {
				assertThat(thread.getName()).isEqualTo("broker-exit");
				assertThat(thread.isDaemon()).isFalse();
			});
		});
	}

	/**
	 * Closes the context if it is given one.
	 */
	static class RecordingExit implements ApplicationExit {

		final List<EndpointCrashReport> reports = new CopyOnWriteArrayList<>();

		final CountDownLatch closed = new CountDownLatch(1);

		volatile Thread thread = Thread.currentThread();

		volatile ConfigurableApplicationContext context;

		@Override
		public void exit(EndpointCrashReport report) {
			this.thread = Thread.currentThread();
			this.reports.add(report);
			if (this.context != null) {
				this.context.close();
				this.closed.countDown();
			}
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Endpoints extends TestEndpoints.TcpAndUdp {

		@Bean
		RecordingExit exit() {
			return new RecordingExit();
		}

		@Bean
		@Supervised
		ScriptedFactory quiet() {
			return new ScriptedFactory();
		}

	}

}
