package dev.cider.broker.spring.autoconfigure;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.ScriptedEndpoint;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.Supervised;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.ObjectFactory;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A factory in another scope than singleton.
 */
@Timeout(300)
class ScopedFactoryTests {

	private final RefreshableScope scope = new RefreshableScope();

	private final Made made = new Made();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(BrokerAutoConfiguration.class))
		.withBean(Made.class, () -> this.made)
		.withInitializer((context) -> context.getBeanFactory().registerScope("refreshable", this.scope));

	private static void restart(BrokerOperations operations) {
		long starts = operations.endpoint("tcp").starts();
		operations.restart("tcp");
		ScriptedFactory.await(() -> operations.endpoint("tcp").starts() == starts + 1
				&& operations.endpoint("tcp").state() == EndpointState.SERVING);
		assertThat(operations.endpoint("tcp").crashes()).isZero();
	}

	@ParameterizedTest
	@ValueSource(
			classes = { Plain.class, Proxied.class, ProxiedClass.class, Contextual.class, ProxiedContextual.class })
	void theFactoryThatTheScopeHoldsNowMakesTheNextInstance(Class<?> configuration) {
		this.contextRunner.withUserConfiguration(configuration).run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			ScriptedFactory.awaitState(operations, "tcp", EndpointState.SERVING);
			restart(operations);
			assertThat(this.made.by).as("while it holds the same").containsExactly(1, 1);
			this.scope.refresh();
			assertThat(operations.endpoint("tcp").state()).as("what serves goes on").isEqualTo(EndpointState.SERVING);
			restart(operations);
			restart(operations);
			assertThat(this.made.by).as("after it destroyed that").containsExactly(1, 1, 2, 2);
		});
	}

	@Test
	void aPrototypeIsANewFactoryForEveryInstance() {
		this.contextRunner.withUserConfiguration(Prototype.class).run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			ScriptedFactory.awaitState(operations, "tcp", EndpointState.SERVING);
			restart(operations);
			assertThat(this.made.by).doesNotHaveDuplicates().hasSize(2);
		});
	}

	/** Tells which factory made each instance, in their order. */
	static final class Made {

		private final AtomicInteger factories = new AtomicInteger();

		final List<Integer> by = new CopyOnWriteArrayList<>();

		ScriptedFactory factory() {
			int number = this.factories.incrementAndGet();
			return new ScriptedFactory(() -> {
				this.by.add(number);
				return new ScriptedEndpoint();
			});
		}

		ContextualEndpointFactory contextual() {
			ScriptedFactory factory = factory();
			return (context) -> factory.create();
		}

	}

	/** Holds beans until it is refreshed. */
	private static final class RefreshableScope implements org.springframework.beans.factory.config.Scope {

		private final Map<String, Object> held = new ConcurrentHashMap<>();

		void refresh() {
			this.held.clear();
		}

		@Override
		public Object get(String name, ObjectFactory<?> factory) {
			return this.held.computeIfAbsent(name, (first) -> factory.getObject());
		}

		@Override
		public @Nullable Object remove(String name) {
			return this.held.remove(name);
		}

		@Override
		public void registerDestructionCallback(String name, Runnable callback) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Plain {

		@Bean
		@Supervised
		@Scope("refreshable")
		EndpointFactory tcp(Made made) {
			return made.factory();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Proxied {

		@Bean
		@Supervised
		@Scope(scopeName = "refreshable", proxyMode = ScopedProxyMode.INTERFACES)
		EndpointFactory tcp(Made made) {
			return made.factory();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ProxiedClass {

		@Bean
		@Supervised
		@Scope(scopeName = "refreshable", proxyMode = ScopedProxyMode.TARGET_CLASS)
		ScriptedFactory tcp(Made made) {
			return made.factory();
		}

	}

	/** Its declared type does not say that it is contextual. */
	@Configuration(proxyBeanMethods = false)
	static class Contextual {

		@Bean
		@Supervised
		@Scope("refreshable")
		EndpointFactory tcp(Made made) {
			return made.contextual();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ProxiedContextual {

		@Bean
		@Supervised
		@Scope(scopeName = "refreshable", proxyMode = ScopedProxyMode.INTERFACES)
		ContextualEndpointFactory tcp(Made made) {
			return made.contextual();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Prototype {

		@Bean
		@Supervised
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		EndpointFactory tcp(Made made) {
			return made.factory();
		}

	}

}
