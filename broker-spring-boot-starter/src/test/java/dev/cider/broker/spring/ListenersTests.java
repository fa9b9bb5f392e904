package dev.cider.broker.spring;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

import dev.cider.broker.Broker;
import dev.cider.broker.CrashPhase;
import dev.cider.broker.EndpointCrashReport;
import dev.cider.broker.restart.RestartDecision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Scope;
import org.springframework.context.event.EventListener;
import org.springframework.context.event.SimpleApplicationEventMulticaster;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.Order;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.task.TaskExecutor;
import org.springframework.core.task.TaskRejectedException;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Whatever one listener does, all others get the broker's events. Everything else is as
 * Spring does it.
 */
@ExtendWith(OutputCaptureExtension.class)
class ListenersTests {

	private static final EndpointDroppedEvent DROP = new EndpointDroppedEvent(Broker.create(),
			new EndpointCrashReport("tcp", true, new IllegalStateException("boom"), 1, CrashPhase.SERVE, Instant.EPOCH,
					Duration.ZERO, 3, new RestartDecision.Drop(null, 3, "given up")));

	private static final List<String> told = new CopyOnWriteArrayList<>();

	private static void publish(Class<?>... configurations) {
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext(configurations)) {
			publish(context);
		}
	}

	private static void publish(AbstractApplicationContext context) {
		told.clear();
		new IsolatingPublisher(context).publish(DROP);
	}

	@ParameterizedTest
	@ValueSource(classes = { IllegalStateException.class, TaskRejectedException.class, StackOverflowError.class,
			OutOfMemoryError.class, ClassCastException.class, IOException.class })
	void whenAListenerThrowsTheOthersAreToldInTheirOrderAndTheLogNamesIt(Class<? extends Throwable> type,
			CapturedOutput output) {
		Broken.thrown = type;
		publish(Pagers.class, Broken.class);
		assertThat(told).containsExactly("first", "broken", "second", "last");
		assertThat(output).contains("Listener ", Broken.class.getName() + ".on(", "EndpointDroppedEvent",
				type.getName());
	}

	@Test
	void aListenerThatThrowsAtEachEventLogsOneStackAndThenTheCount(CapturedOutput output) {
		Broken.thrown = IllegalStateException.class;
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext(Broken.class)) {
			IsolatingPublisher publisher = new IsolatingPublisher(context);
			for (int i = 0; i < 3; i++) {
				publisher.publish(DROP);
			}
		}
		assertThat(output).containsOnlyOnce("IllegalStateException: broken listener")
			.containsOnlyOnce(
					"threw java.lang.IllegalStateException when it got EndpointDroppedEvent (2 times since its"
							+ " stack was logged); the other listeners still get it");
	}

	@Test
	void anAsyncListenerThatIsRejectedKeepsNoOtherFromTheEvent(CapturedOutput output) {
		publish(Pagers.class, Rejected.class);
		assertThat(told).containsExactly("first", "second", "last");
		assertThat(output).contains(Rejected.class.getName() + ".on(", "TaskRejectedException");
	}

	@Test
	void aListenerBeanThatCannotBeMadeKeepsNoOtherFromTheEvent(CapturedOutput output) {
		publish(Pagers.class, Unmakeable.class);
		assertThat(told).containsExactly("first", "second", "last");
		assertThat(output).contains("could not be created", "'unmakeable'", "no dashboard");
	}

	@Test
	void anInterruptThatAListenerLeavesBehindReachesNoOther() {
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext(Pagers.class)) {
			context.addApplicationListener(ordered(1, (event) -> Thread.currentThread().interrupt()));
			context.addApplicationListener(
					ordered(2, (event) -> told.add("interrupted " + Thread.currentThread().isInterrupted())));
			publish(context);
			assertThat(told).contains("interrupted false");
		}
	}

	@Test
	void listenersComeAndGoWhileTheContextRuns() {
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext(Pagers.class,
				Broken.class)) {
			ApplicationListener<EndpointCrashEvent> guest = (event) -> told.add("guest");
			context.addApplicationListener(guest);
			publish(context);
			assertThat(told).contains("guest", "last");
			context.removeApplicationListener(guest);
			publish(context);
			assertThat(told).contains("last").doesNotContain("guest");
		}
	}

	@Test
	void theParentsListenersAreToldToo() {
		Broken.thrown = IllegalStateException.class;
		try (AnnotationConfigApplicationContext parent = new AnnotationConfigApplicationContext(Pagers.class);
				AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			context.setParent(parent);
			context.register(Broken.class);
			context.refresh();
			publish(context);
			assertThat(told).containsExactly("broken", "first", "second", "last");
		}
	}

	@Test
	void conditionsCountAndWhatAListenerReturnsIsPublished() {
		publish(Replies.class);
		assertThat(told).containsExactly("page tcp", "reply given up");
	}

	@Test
	void everyOtherEventOfTheApplicationStillStopsAtTheFirstListenerThatThrows() {
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			context.addApplicationListener((ApplicationEvent event) -> {
				if (event instanceof Other) {
					throw new IllegalStateException("as ever");
				}
			});
			context.refresh();
			publish(context);
			assertThatIllegalStateException().isThrownBy(() -> context.publishEvent(new Other()))
				.withMessage("as ever");
		}
	}

	@Test
	void anErrorHandlerOfTheApplicationGetsWhatAListenerThrows() {
		Broken.thrown = IllegalStateException.class;
		publish(Pagers.class, Broken.class, WithErrorHandler.class);
		assertThat(told).containsExactly("first", "broken", "handled null", "second", "last");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void anExecutorOfTheApplicationRunsTheListenersUnlessItRejects(boolean rejects) {
		WithExecutor.rejects = rejects;
		Broken.thrown = IllegalStateException.class;
		publish(Pagers.class, Broken.class, WithExecutor.class);
		assertThat(told).filteredOn((line) -> !line.equals("executed"))
			.containsExactly("first", "broken", "second", "last");
		assertThat(told).filteredOn("executed"::equals).hasSize(rejects ? 0 : 4);
	}

	@Test
	void aMulticasterOfAnotherClassPublishesTheEventItself(CapturedOutput output) {
		publish(Pagers.class, OwnMulticaster.class);
		assertThat(told).containsExactly("own multicast");
		assertThat(output).contains("Listener " + OwnMulticaster.class.getName());
	}

	@Test
	void aPublisherThatIsNoContextGetsTheEvent(CapturedOutput output) {
		told.clear();
		new IsolatingPublisher((event) -> {
			told.add("published");
			throw new IllegalStateException("no context");
		}).publish(DROP);
		assertThat(told).containsExactly("published");
		assertThat(output).contains("no context");
	}

	@Test
	void aNativeImageKeepsWhatIsCalledByReflection() {
		RuntimeHints hints = new RuntimeHints();
		SpringFactoriesLoader.forResourceLocation("META-INF/spring/aot.factories")
			.load(RuntimeHintsRegistrar.class)
			.forEach((registrar) -> registrar.registerHints(hints, null));
		assertThat(List.of(IsolatingPublisher.LISTENERS, IsolatingPublisher.EXECUTOR, IsolatingPublisher.INVOKE))
			.allMatch((method) -> RuntimeHintsPredicates.reflection().onMethodInvocation(method).test(hints));
	}

	private static ApplicationListener<EndpointDroppedEvent> ordered(int order, Consumer<ApplicationEvent> action) {
		return new OrderedListener(order, action);
	}

	private record OrderedListener(int order,
			Consumer<ApplicationEvent> action) implements ApplicationListener<EndpointDroppedEvent>, Ordered {

		@Override
		public void onApplicationEvent(EndpointDroppedEvent event) {
			this.action.accept(event);
		}

		@Override
		public int getOrder() {
			return this.order;
		}

	}

	static class Other extends ApplicationEvent {

		private static final long serialVersionUID = 1;

		Other() {
			super("somebody else");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Pagers {

		@EventListener
		void last(EndpointDroppedEvent event) {
			told.add("last");
		}

		@EventListener
		@Order(3)
		void second(EndpointCrashEvent event) {
			told.add("second");
		}

		@EventListener(EndpointDroppedEvent.class)
		@Order(1)
		void first() {
			told.add("first");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Broken {

		static Class<? extends Throwable> thrown = IllegalStateException.class;

		@EventListener
		@Order(2)
		void on(EndpointCrashEvent event) throws Throwable {
			told.add("broken");
			throw thrown.getConstructor(String.class).newInstance("broken listener");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAsync(proxyTargetClass = true)
	static class Rejected {

		@Bean
		TaskExecutor taskExecutor() {
			return (task) -> {
				throw new TaskRejectedException("full");
			};
		}

		@Async
		@EventListener
		@Order(2)
		public void on(EndpointDroppedEvent event) {
			told.add("rejected");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Unmakeable {

		@Bean
		@Lazy
		ApplicationListener<EndpointDroppedEvent> unmakeable() {
			throw new IllegalStateException("no dashboard");
		}

		@Bean
		@Scope("prototype")
		ApplicationListener<EndpointDroppedEvent> other() {
			throw new IllegalStateException("no dashboard");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Replies {

		@EventListener(condition = "#event.report.factoryId == 'udp'")
		void never(EndpointDroppedEvent event) {
			told.add("never");
		}

		@EventListener(condition = "event.report.factoryId == 'tcp'")
		String page(EndpointDroppedEvent event) {
			told.add("page " + event.getReport().factoryId());
			return event.getReport().decision().explanation();
		}

		@EventListener
		void reply(String reply) {
			told.add("reply " + reply);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithErrorHandler {

		@Bean
		SimpleApplicationEventMulticaster applicationEventMulticaster() {
			SimpleApplicationEventMulticaster multicaster = new SimpleApplicationEventMulticaster();
			multicaster.setErrorHandler((thrown) -> told.add("handled " + thrown.getCause()));
			return multicaster;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithExecutor {

		static boolean rejects;

		@Bean
		SimpleApplicationEventMulticaster applicationEventMulticaster() {
			SimpleApplicationEventMulticaster multicaster = new SimpleApplicationEventMulticaster();
			multicaster.setTaskExecutor((task) -> {
				if (rejects) {
					throw new RejectedExecutionException("full");
				}
				task.run();
				told.add("executed");
			});
			return multicaster;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnMulticaster extends SimpleApplicationEventMulticaster {

		@Bean
		static OwnMulticaster applicationEventMulticaster() {
			return new OwnMulticaster();
		}

		@Override
		public void multicastEvent(ApplicationEvent event, ResolvableType type) {
			if (event instanceof EndpointDroppedEvent) {
				told.add("own multicast");
				throw new IllegalStateException("own way");
			}
			super.multicastEvent(event, type);
		}

	}

}
