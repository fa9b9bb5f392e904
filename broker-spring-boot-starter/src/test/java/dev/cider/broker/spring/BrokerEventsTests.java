package dev.cider.broker.spring;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import dev.cider.broker.BrokerMonitor;
import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;
import org.springframework.core.annotation.Order;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which events are published, and when.
 */
@Timeout(300)
@ExtendWith(OutputCaptureExtension.class)
class BrokerEventsTests {

	private static ConfigurableApplicationContext run(Class<?> application, String... properties) {
		return new SpringApplicationBuilder(application).web(WebApplicationType.NONE)
			.properties(properties)
			.properties("broker.restart.delay=0", "broker.restart.jitter=0")
			.run();
	}

	@Test
	void everyCrashIsPublishedAndTheOneThatDropsAsSuch() {
		try (ConfigurableApplicationContext context = run(App.class, "broker.restart.allowed-consecutive-errors=2")) {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			ScriptedFactory factory = context.getBean(ScriptedFactory.class);
			App app = context.getBean(App.class);
			IllegalStateException first = new IllegalStateException("one");
			IllegalStateException second = new IllegalStateException("two");
			factory.crash(operations, "tcp", first);
			ScriptedFactory.await(() -> factory.made.size() == 2);
			factory.crash(operations, "tcp", second);
			ScriptedFactory.await(() -> app.crashes.size() == 2);
			assertThat(app.crashes.get(0)).isExactlyInstanceOf(EndpointCrashEvent.class);
			assertThat(app.crashes.get(0).getReport().error()).isSameAs(first);
			assertThat(app.crashes.get(0).getSource()).isSameAs(operations);
			assertThat(app.crashes.get(1)).isExactlyInstanceOf(EndpointDroppedEvent.class);
			assertThat(app.crashes.get(1).getReport().error()).isSameAs(second);
			assertThat(app.crashes.get(1).getReport().dropped()).isTrue();
		}
	}

	@Test
	void stateChangesArePublishedInOrder() {
		try (ConfigurableApplicationContext context = run(App.class)) {
			App app = context.getBean(App.class);
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			ScriptedFactory.awaitState(operations, "tcp", EndpointState.SERVING);
			operations.stop("tcp");
			ScriptedFactory.await(() -> app.states().contains("CLOSING to STOPPED"));
			assertThat(app.states()).containsExactly("REGISTERED to STARTING", "STARTING to SERVING",
					"SERVING to CLOSING", "CLOSING to STOPPED");
		}
	}

	@Test
	void theEndOfTheBrokerIsTheLastEventAndIsDeliveredBeforeTheContextIsGone() {
		ConfigurableApplicationContext context = run(App.class);
		App app = context.getBean(App.class);
		ScriptedFactory.awaitState(context.getBean(BrokerOperations.class), "tcp", EndpointState.SERVING);
		context.close();
		assertThat(app.events.get(app.events.size() - 1)).isInstanceOf(BrokerTerminatedEvent.class);
		assertThat(app.events).filteredOn(BrokerTerminatedEvent.class::isInstance)
			.singleElement()
			.satisfies((event) -> assertThat(((BrokerTerminatedEvent) event).getSource())
				.isInstanceOf(BrokerOperations.class));
		assertThat(app.states()).endsWith("CLOSING to STOPPED");
	}

	@Test
	void afterTheStopHasCalledBackNoEventIsPublishedAnyMore() throws Exception {
		try (ConfigurableApplicationContext context = run(Blocking.class)) {
			Blocking app = context.getBean(Blocking.class);
			BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
			app.blocked.await();
			// After a second the stop gives up waiting for the mailbox, which still holds
			// events.
			lifecycle.stop();
			app.unblock.countDown();
			lifecycle.start();
			ScriptedFactory.await(() -> app.seen.contains(2L));
			assertThat(app.seen).filteredOn((incarnation) -> incarnation == 1).hasSize(1);
		}
	}

	@Test
	void whatAListenerThrowsIsLoggedAndLaterEventsArePublished(CapturedOutput output) {
		try (ConfigurableApplicationContext context = run(Throwing.class)) {
			Throwing app = context.getBean(Throwing.class);
			ScriptedFactory.await(() -> app.seen.contains(EndpointState.SERVING));
			assertThat(app.seen).containsExactly(EndpointState.STARTING, EndpointState.SERVING);
			ScriptedFactory.await(() -> output.getAll().contains("broken listener"));
		}
	}

	@Test
	void monitorBeansAreTold() {
		try (ConfigurableApplicationContext context = run(WithMonitor.class)) {
			ScriptedFactory factory = context.getBean(ScriptedFactory.class);
			factory.crash(context.getBean(BrokerOperations.class), "tcp", new IllegalStateException("boom"));
			WithMonitor app = context.getBean(WithMonitor.class);
			ScriptedFactory.await(() -> app.told.size() == 2);
			assertThat(app.told).containsExactlyInAnyOrder("first: boom", "second: boom");
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class App extends TestEndpoints.Tcp {

		final List<ApplicationEvent> events = new CopyOnWriteArrayList<>();

		final List<EndpointCrashEvent> crashes = new CopyOnWriteArrayList<>();

		@EventListener({ EndpointCrashEvent.class, EndpointStateEvent.class, BrokerTerminatedEvent.class })
		void on(ApplicationEvent event) {
			this.events.add(event);
			if (event instanceof EndpointCrashEvent crash) {
				this.crashes.add(crash);
			}
		}

		List<String> states() {
			return this.events.stream()
				.filter(EndpointStateEvent.class::isInstance)
				.map(EndpointStateEvent.class::cast)
				.map((event) -> event.getBefore().state() + " to " + event.getAfter().state())
				.toList();
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Blocking extends TestEndpoints.Tcp {

		final CountDownLatch blocked = new CountDownLatch(1);

		final CountDownLatch unblock = new CountDownLatch(1);

		final List<Long> seen = new CopyOnWriteArrayList<>();

		@EventListener
		void on(EndpointStateEvent event) throws InterruptedException {
			this.seen.add(event.getAfter().incarnation());
			this.blocked.countDown();
			this.unblock.await();
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Throwing extends TestEndpoints.Tcp {

		final List<EndpointState> seen = new CopyOnWriteArrayList<>();

		@EventListener
		void on(EndpointStateEvent event) {
			this.seen.add(event.getAfter().state());
			throw new IllegalStateException("broken listener");
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class WithMonitor extends TestEndpoints.Tcp {

		final List<String> told = new CopyOnWriteArrayList<>();

		@Bean
		@Order(2)
		BrokerMonitor second() {
			return (report) -> this.told.add("second: " + report.error().getMessage());
		}

		@Bean
		@Order(1)
		BrokerMonitor first() {
			return (report) -> this.told.add("first: " + report.error().getMessage());
		}

	}

}
