package dev.cider.broker.spring.autoconfigure;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.CrashPhase;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.ForEndpoints;
import dev.cider.broker.spring.ScriptedEndpoint;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.Supervised;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshotFactory;
import io.micrometer.context.ThreadLocalAccessor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.core.task.TaskDecorator;
import org.springframework.core.task.support.ContextPropagatingTaskDecorator;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which thread-locals an endpoint has.
 */
class EndpointThreadsTests {

	private static final ThreadLocal<String> TENANT = new ThreadLocal<>();

	private static final String KEY = "tenant of the tests";

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(BrokerAutoConfiguration.class))
		.withUserConfiguration(Tcp.class)
		.withPropertyValues("broker.restart.delay=0s", "broker.restart.jitter=0s");

	@AfterEach
	void forget() {
		ContextRegistry.getInstance().removeThreadLocalAccessor(KEY);
		TENANT.remove();
	}

	private static void awaitServing(ApplicationContext context) {
		ScriptedFactory.awaitState(context.getBean(BrokerOperations.class), "tcp", EndpointState.SERVING);
	}

	private static Queue<String> seen(ApplicationContext context) {
		return context.getBean(Tcp.class).tenants;
	}

	@Test
	void decoratorsForEndpointsSurroundThemAndOthersDoNot() {
		this.contextRunner.withUserConfiguration(Decorators.class).run((context) -> {
			awaitServing(context);
			assertThat(context.getBean(Decorators.class).calls).containsExactly("outer broker-tcp-1",
					"inner broker-tcp-1");
			assertThat(seen(context)).containsExactly("inner");
		});
	}

	@Test
	void aDecoratorCanBeForEndpointsOnly() {
		this.contextRunner.withUserConfiguration(ForEndpointsOnly.class).run((context) -> {
			awaitServing(context);
			assertThat(seen(context)).containsExactly("only");
			assertThat(context.getBean(ForEndpointsOnly.class).executors.stream()).isEmpty();
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "null", "throws" })
	void aBrokenDecoratorIsACrashThatNamesIt(String fault) {
		this.contextRunner.withUserConfiguration(BrokenDecorator.class)
			.withPropertyValues("fault=" + fault)
			.run((context) -> {
				BrokerOperations operations = context.getBean(BrokerOperations.class);
				ScriptedFactory.awaitState(operations, "tcp", EndpointState.DROPPED);
				assertThat(operations.history("tcp").get(0).phase()).isEqualTo(CrashPhase.CREATE);
				assertThat(operations.history("tcp").get(0).message())
					.contains("The thread decorator threw java.lang.IllegalStateException on thread broker-tcp-3");
				assertThat(seen(context)).isEmpty();
			});
	}

	/** The thread of the test starts the broker. */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void theContextOfTheStartIsPropagatedIfTheApplicationSaysSo(boolean propagate) {
		ContextRegistry.getInstance().registerThreadLocalAccessor(new Tenants());
		TENANT.set("market");
		this.contextRunner.withPropertyValues("broker.propagate-context=" + propagate)
			.withUserConfiguration(Capturing.class)
			.run((context) -> {
				awaitServing(context);
				TENANT.set("another");
				BrokerOperations operations = context.getBean(BrokerOperations.class);
				operations.restart("tcp");
				ScriptedFactory.await(() -> operations.endpoint("tcp").incarnation() == 2
						&& operations.endpoint("tcp").state() == EndpointState.SERVING);
				String expected = propagate ? "market" : "none";
				assertThat(seen(context)).containsExactly(expected, expected);
			});
	}

	@Test
	void withoutContextPropagationThePropertyIsRefused() {
		ApplicationContextRunner absent = this.contextRunner
			.withClassLoader(new FilteredClassLoader(ContextSnapshotFactory.class));
		absent.run((context) -> {
			assertThat(context).hasNotFailed();
			awaitServing(context);
		});
		absent.withPropertyValues("broker.propagate-context=true")
			.run((context) -> assertThat(context).getFailure()
				.hasRootCauseInstanceOf(InvalidBrokerPropertyException.class)
				.rootCause()
				.hasMessageContainingAll("broker.propagate-context", "context propagation"));
	}

	@Configuration(proxyBeanMethods = false)
	static class Tcp {

		final Queue<String> tenants = new ConcurrentLinkedQueue<>();

		@Bean
		@Supervised
		EndpointFactory tcp() {
			return () -> {
				this.tenants.add((TENANT.get() != null) ? TENANT.get() : "none");
				return new ScriptedEndpoint();
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Decorators {

		final List<String> calls = new CopyOnWriteArrayList<>();

		private TaskDecorator decorator(String name) {
			return (task) -> () -> {
				this.calls.add(name + " " + Thread.currentThread().getName());
				TENANT.set(name);
				task.run();
			};
		}

		@Bean
		@ForEndpoints
		@Order(2)
		TaskDecorator outer() {
			return decorator("outer");
		}

		@Bean
		@ForEndpoints
		@Order(1)
		TaskDecorator inner() {
			return decorator("inner");
		}

		@Bean
		TaskDecorator ofExecutors() {
			return decorator("of executors");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ForEndpointsOnly {

		/** As Spring Boot finds the decorators of its executors. */
		final ObjectProvider<TaskDecorator> executors;

		ForEndpointsOnly(ObjectProvider<TaskDecorator> executors) {
			this.executors = executors;
		}

		@Bean(defaultCandidate = false)
		@ForEndpoints
		static TaskDecorator only() {
			return (task) -> () -> {
				TENANT.set("only");
				task.run();
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BrokenDecorator {

		@Bean
		@ForEndpoints
		TaskDecorator broken(@Value("${fault}") String fault) {
			return (task) -> {
				if (fault.equals("throws")) {
					throw new IllegalStateException("no tenant");
				}
				return null;
			};
		}

	}

	/** Captures on the endpoint's own thread, so it changes nothing. */
	@Configuration(proxyBeanMethods = false)
	static class Capturing {

		@Bean
		@ForEndpoints
		TaskDecorator capturing() {
			return new ContextPropagatingTaskDecorator();
		}

	}

	private static final class Tenants implements ThreadLocalAccessor<String> {

		@Override
		public Object key() {
			return KEY;
		}

		@Override
		public String getValue() {
			return TENANT.get();
		}

		@Override
		public void setValue(String value) {
			TENANT.set(value);
		}

		@Override
		public void setValue() {
			TENANT.remove();
		}

	}

}
