package dev.cider.broker.spring.autoconfigure;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.cider.broker.BrokerMonitor;
import dev.cider.broker.BrokerOperations;
import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.ScriptedEndpoint;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.Supervised;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.CustomScopeConfigurer;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.Lifecycle;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.DependsOn;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Scope;
import org.springframework.context.support.SimpleThreadScope;
import org.springframework.stereotype.Component;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an endpoint needs starts before the broker and stops after it.
 */
@Timeout(300)
class DependencyOrderTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(BrokerAutoConfiguration.class));

	@Test
	void whatAFactoryNeedsThroughOtherBeansStartsBeforeAndStopsAfterTheEndpoints() {
		assertOrder(Factory.class);
	}

	@Test
	void whatAPrototypeNeedsStartsBeforeAndStopsAfterTheEndpoints() {
		assertOrder(Prototype.class);
	}

	@Test
	void aBeanThatAFactoryNeedsMayItselfInjectTheOperations() {
		assertOrder(Circular.class);
	}

	@Test
	void aPrototypeMayDependOnABeanThatInjectsTheOperations() {
		assertOrder(CircularPrototype.class);
	}

	@ParameterizedTest
	@ValueSource(classes = { LazyCircular.class, ScopedCircular.class })
	void aBeanThatIsMadeLateMayDependOnOneThatInjectsTheOperations(Class<?> configuration) {
		assertOrder(configuration);
	}

	@ParameterizedTest
	@ValueSource(classes = { FactoryBeanItself.class, LazyFactoryBeanItself.class, ByAlias.class, LazyByAlias.class })
	void aBeanThatIsNeededUnderAnotherNameStartsBeforeAndStopsAfterTheEndpoints(Class<?> configuration) {
		assertOrder(configuration);
	}

	@Test
	void aBeanThatIsRegisteredWithoutDefinitionStartsBeforeAndStopsAfterTheEndpoints() {
		List<String> log = new CopyOnWriteArrayList<>();
		assertOrder(
				this.contextRunner.withInitializer(
						(context) -> context.getBeanFactory().registerSingleton("needed", new Needed(log))),
				log, Registered.class);
	}

	@ParameterizedTest
	@ValueSource(classes = { PrototypeOfPrototype.class, PrototypeWithProvider.class, PrototypeWithField.class })
	void whatAPrototypeNeedsInAnyOtherWayStartsBeforeAndStopsAfterTheEndpoints(Class<?> configuration) {
		assertOrder(configuration);
	}

	@ParameterizedTest
	@ValueSource(classes = { Factory.class, Prototype.class, Monitored.class })
	void aBeanThatLazyBeansNeedStartsBeforeAndStopsAfterTheEndpoints(Class<?> configuration) {
		assertOrder(this.contextRunner.withInitializer(
				(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor())),
				configuration);
	}

	@Test
	void aBeanThatFailsToTellItsStateDoesNotKeepTheBrokerFromStopping() {
		List<String> log = new CopyOnWriteArrayList<>();
		this.contextRunner.withBean("log", List.class, () -> log).withUserConfiguration(Moody.class).run((context) -> {
			BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
			ScriptedFactory.awaitState(lifecycle, "tcp", EndpointState.SERVING);
			context.getBean(MoodyNeed.class).moody = true;
			context.close();
			assertThat(lifecycle.isRunning()).isFalse();
			assertThat(log).containsExactly("endpoint made", "endpoint closed");
		});
	}

	private void assertOrder(Class<?> configuration) {
		assertOrder(this.contextRunner, configuration);
	}

	private static void assertOrder(ApplicationContextRunner runner, Class<?> configuration) {
		assertOrder(runner, new CopyOnWriteArrayList<>(), configuration);
	}

	private static void assertOrder(ApplicationContextRunner runner, List<String> log, Class<?> configuration) {
		runner.withBean("log", List.class, () -> log).withUserConfiguration(configuration).run((context) -> {
			ScriptedFactory.awaitState(context.getBean(BrokerOperations.class), "tcp", EndpointState.SERVING);
			context.close();
			assertThat(log).containsExactly("needed started", "endpoint made", "endpoint closed", "needed stopped");
		});
	}

	/** In a later phase than the broker, so it is the dependency that puts it first. */
	private static class Needed implements SmartLifecycle {

		private final List<String> log;

		private volatile boolean running;

		Needed(List<String> log) {
			this.log = log;
		}

		@Override
		public void start() {
			try {
				// Long enough that the log shows an endpoint that did not wait for it.
				new CountDownLatch(1).await(200, TimeUnit.MILLISECONDS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			this.log.add("needed started");
			this.running = true;
		}

		@Override
		public void stop() {
			this.log.add("needed stopped");
			this.running = false;
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

	}

	private record Connection(Needed needed) {
	}

	private static class LoggingEndpoint extends ScriptedEndpoint {

		private final List<String> log;

		LoggingEndpoint(List<String> log) {
			this.log = log;
			this.log.add("endpoint made");
		}

		@Override
		public void close() throws Exception {
			// Long enough that the log shows a bean that did not wait for it.
			this.closing.await(200, TimeUnit.MILLISECONDS);
			super.close();
			this.log.add("endpoint closed");
		}

	}

	static class WithNeeded {

		@Bean
		Needed needed(List<String> log) {
			return new Needed(log);
		}

	}

	static class WithConnection extends WithNeeded {

		@Bean
		Connection connection(Needed needed) {
			return new Connection(needed);
		}

	}

	/** The needed bean itself injects the broker. */
	static class WithCircularNeeded {

		@Bean
		Needed needed(List<String> log, BrokerOperations operations) {
			return new Needed(log);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Factory extends WithConnection {

		@Bean
		@Supervised
		EndpointFactory tcp(Connection connection, List<String> log) {
			return () -> new LoggingEndpoint(log);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Prototype extends WithConnection {

		@Bean
		@Supervised
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		Endpoint tcp(Connection connection, List<String> log) {
			return new LoggingEndpoint(log);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PrototypeOfPrototype extends WithNeeded {

		@Bean
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		Connection connection(Needed needed) {
			return new Connection(needed);
		}

		@Bean
		@Supervised
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		Endpoint tcp(Connection connection, List<String> log) {
			return new LoggingEndpoint(log);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PrototypeWithProvider extends WithNeeded {

		@Bean
		@Supervised
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		Endpoint tcp(ObjectProvider<Needed> needed, List<String> log) {
			needed.getObject();
			return new LoggingEndpoint(log);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(WithField.class)
	static class PrototypeWithField extends WithNeeded {

	}

	@Supervised
	@Component("tcp")
	@Scope(BeanDefinition.SCOPE_PROTOTYPE)
	static class WithField extends LoggingEndpoint {

		@Autowired
		private Needed needed;

		WithField(List<String> log) {
			super(log);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Monitored extends WithConnection {

		@Bean
		BrokerMonitor monitor(Connection connection) {
			return (report) -> {
			};
		}

		@Bean
		@Supervised
		EndpointFactory tcp(List<String> log) {
			return () -> new LoggingEndpoint(log);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Circular extends WithCircularNeeded {

		@Bean
		@Supervised
		EndpointFactory tcp(Needed needed, List<String> log, BrokerOperations operations) {
			return () -> new LoggingEndpoint(log);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class CircularPrototype extends WithCircularNeeded {

		@Bean
		@Supervised
		@DependsOn("needed")
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		Endpoint tcp(List<String> log) {
			return new LoggingEndpoint(log);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Registered {

		@Bean
		@Supervised
		EndpointFactory tcp(Needed needed, List<String> log) {
			return () -> new LoggingEndpoint(log);
		}

	}

	/** The connection is made by the first incarnation. */
	@Configuration(proxyBeanMethods = false)
	static class LazyCircular extends WithCircularNeeded {

		@Bean
		@Lazy
		@DependsOn("needed")
		AtomicInteger connection() {
			return new AtomicInteger();
		}

		@Bean
		@Supervised
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		Endpoint tcp(ObjectProvider<AtomicInteger> connection, List<String> log) {
			connection.getObject();
			return new LoggingEndpoint(log);
		}

	}

	/** The connection is made anew after it was refreshed. */
	@Configuration(proxyBeanMethods = false)
	static class ScopedCircular extends WithCircularNeeded {

		@Bean
		static CustomScopeConfigurer scopes() {
			CustomScopeConfigurer configurer = new CustomScopeConfigurer();
			configurer.addScope("thread", new SimpleThreadScope());
			return configurer;
		}

		@Bean
		@Scope("thread")
		@DependsOn("needed")
		AtomicInteger connection() {
			return new AtomicInteger();
		}

		@Bean
		@Supervised
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		Endpoint tcp(AtomicInteger connection, List<String> log) {
			return new LoggingEndpoint(log);
		}

	}

	/** Like those of Spring Kafka and Spring Integration. */
	private static class NeededFactoryBean extends Needed implements FactoryBean<AtomicInteger> {

		NeededFactoryBean(List<String> log) {
			super(log);
		}

		@Override
		public AtomicInteger getObject() {
			return new AtomicInteger();
		}

		@Override
		public Class<?> getObjectType() {
			return AtomicInteger.class;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FactoryBeanItself {

		@Bean
		NeededFactoryBean needed(List<String> log) {
			return new NeededFactoryBean(log);
		}

		@Bean
		@Supervised
		EndpointFactory tcp(NeededFactoryBean needed, List<String> log) {
			return () -> new LoggingEndpoint(log);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LazyFactoryBeanItself {

		@Bean
		@Lazy
		NeededFactoryBean needed(List<String> log) {
			return new NeededFactoryBean(log);
		}

		@Bean
		@Supervised
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		Endpoint tcp(NeededFactoryBean needed, List<String> log) {
			return new LoggingEndpoint(log);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ByAlias {

		@Bean({ "needed", "alias" })
		Needed needed(List<String> log) {
			return new Needed(log);
		}

		@Bean
		@Supervised
		@DependsOn("alias")
		EndpointFactory tcp(List<String> log) {
			return () -> new LoggingEndpoint(log);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LazyByAlias {

		@Bean({ "needed", "alias" })
		@Lazy
		Needed needed(List<String> log) {
			return new Needed(log);
		}

		@Bean
		@Supervised
		@DependsOn("alias")
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		Endpoint tcp(List<String> log) {
			return new LoggingEndpoint(log);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Moody {

		@Bean
		MoodyNeed need() {
			return new MoodyNeed();
		}

		@Bean
		@Supervised
		EndpointFactory tcp(MoodyNeed need, List<String> log) {
			return () -> new LoggingEndpoint(log);
		}

	}

	/** Throws when it is asked for its state at an awkward moment. */
	static class MoodyNeed implements Lifecycle {

		volatile boolean moody;

		@Override
		public void start() {
		}

		@Override
		public void stop() {
		}

		@Override
		public boolean isRunning() {
			if (this.moody) {
				throw new IllegalStateException("not in the mood");
			}
			return true;
		}

	}

}
