package dev.cider.broker.spring.autoconfigure;

import java.util.Optional;

import dev.cider.broker.BrokerMonitor;
import dev.cider.broker.BrokerOperations;
import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointContext;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.BrokerBuilderCustomizer;
import dev.cider.broker.spring.EndpointOptionsCustomizer;
import dev.cider.broker.spring.ScriptedEndpoint;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.Supervised;
import dev.cider.broker.spring.TestEndpoints;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanDefinitionHolder;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ResourceLoader;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an endpoint needs, at any depth, may be whatever Spring can inject, although there
 * is no definition to ask for it.
 */
@Timeout(300)
class UndefinedBeansTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(BrokerAutoConfiguration.class))
		.withInitializer((context) -> {
			context.getBeanFactory().registerSingleton("registered", new Registered());
			context.getBeanFactory().registerResolvableDependency(Resolvable.class, new Resolvable());
		});

	private final ApplicationContextRunner lazy = this.contextRunner.withInitializer(
			(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()));

	private static void assertServes(ApplicationContextRunner runner) {
		runner.run((context) -> {
			assertThat(context).hasNotFailed();
			ScriptedFactory.awaitState(context.getBean(BrokerOperations.class), "tcp", EndpointState.SERVING);
			assertThat(context.getBean(BrokerOperations.class).endpoint("tcp").crashes()).isZero();
		});
	}

	@ParameterizedTest
	@ValueSource(classes = { Parameter.class, FieldOfTheConfiguration.class, ThroughTwoBeans.class, Prototype.class,
			ContextualPrototype.class, Monitor.class, BuilderCustomizer.class, OptionsCustomizer.class, Absent.class,
			MadeByAFactoryBean.class })
	void anEndpointThatNeedsABeanWithoutDefinitionIsServed(Class<?> configuration) {
		assertServes(this.contextRunner.withUserConfiguration(configuration));
		assertServes(this.lazy.withUserConfiguration(configuration));
	}

	@ParameterizedTest
	@ValueSource(strings = { "false", "true" })
	void anEndpointThatNeedsTheArgumentsOfTheApplicationIsServed(String lazy) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Arguments.class)
			.web(WebApplicationType.NONE)
			.run("--spring.main.lazy-initialization=" + lazy)) {
			ScriptedFactory.awaitState(context.getBean(BrokerOperations.class), "tcp", EndpointState.SERVING);
		}
	}

	@Test
	void anEndpointThatNeedsABeanOfAParentContextIsServed() {
		new ApplicationContextRunner().withUserConfiguration(Parent.class)
			.withInitializer((context) -> context.getBeanFactory().registerSingleton("registered", new Registered()))
			.run((parent) -> {
				ApplicationContextRunner child = new ApplicationContextRunner()
					.withConfiguration(AutoConfigurations.of(BrokerAutoConfiguration.class))
					.withParent(parent);
				assertServes(child.withUserConfiguration(OfAParent.class));
				assertServes(child.withUserConfiguration(PrototypeOfAParent.class));
			});
	}

	@Test
	void anEndpointThatNeedsAnInnerBeanIsServed() {
		assertServes(this.contextRunner.withInitializer((context) -> ((BeanDefinitionRegistry) context.getBeanFactory())
			.registerBeanDefinition("tcp", withInnerBean())));
	}

	private static BeanDefinition withInnerBean() {
		RootBeanDefinition inner = new RootBeanDefinition(Hosts.class);
		inner.setAutowireMode(RootBeanDefinition.AUTOWIRE_CONSTRUCTOR);
		RootBeanDefinition definition = new RootBeanDefinition(InnerBeanFactory.class);
		definition.getConstructorArgumentValues().addIndexedArgumentValue(0, new BeanDefinitionHolder(inner, "inner"));
		definition.addQualifier(new AutowireCandidateQualifier(Supervised.class));
		return definition;
	}

	static class Registered {

	}

	static class Resolvable {

	}

	static class Hosts {

		Hosts(Environment environment, Registered registered) {
		}

	}

	static class InnerBeanFactory extends ScriptedFactory {

		InnerBeanFactory(Hosts hosts) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Parameter {

		@Bean
		@Supervised
		EndpointFactory tcp(Environment environment, Registered registered, Resolvable resolvable,
				ResourceLoader loader) {
			return ScriptedEndpoint::new;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FieldOfTheConfiguration extends TestEndpoints.Tcp {

		@Autowired
		Environment environment;

		@Autowired
		Registered registered;

	}

	@Configuration(proxyBeanMethods = false)
	static class HostsConfiguration {

		@Bean
		Hosts hosts(Environment environment, Registered registered) {
			return new Hosts(environment, registered);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ThroughTwoBeans extends HostsConfiguration {

		@Bean
		Optional<Hosts> connection(Hosts hosts) {
			return Optional.of(hosts);
		}

		@Bean
		@Supervised
		EndpointFactory tcp(Hosts hosts, ObjectProvider<Optional<Hosts>> connection) {
			connection.getObject();
			return ScriptedEndpoint::new;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Prototype extends HostsConfiguration {

		@Bean
		@Supervised
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		Endpoint tcp(Environment environment, Hosts hosts, Registered registered) {
			return new ScriptedEndpoint();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ContextualPrototype {

		@Bean
		@Supervised
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		Endpoint tcp(Environment environment, Registered registered, EndpointContext context) {
			return new ScriptedEndpoint();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Monitor extends TestEndpoints.Tcp {

		@Bean
		BrokerMonitor monitor(Environment environment, Registered registered) {
			return (report) -> {
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BuilderCustomizer extends TestEndpoints.Tcp {

		@Bean
		BrokerBuilderCustomizer customizer(Environment environment, Registered registered) {
			return (builder) -> {
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OptionsCustomizer extends TestEndpoints.Tcp {

		@Bean
		EndpointOptionsCustomizer customizer(Environment environment, Registered registered) {
			return (id, options) -> {
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Absent {

		@Bean
		@Nullable Hosts hosts() {
			return null;
		}

		@Bean
		@Supervised
		EndpointFactory tcp(@Nullable Hosts hosts, ObjectProvider<Hosts> provider) {
			return ScriptedEndpoint::new;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class MadeByAFactoryBean {

		@Bean
		HostsFactoryBean hosts(Environment environment) {
			return new HostsFactoryBean();
		}

		@Bean
		@Supervised
		EndpointFactory tcp(Hosts hosts, HostsFactoryBean factoryBean) {
			return ScriptedEndpoint::new;
		}

	}

	static class HostsFactoryBean implements FactoryBean<Hosts> {

		@Autowired
		Environment environment;

		@Autowired
		Registered registered;

		@Override
		public Hosts getObject() {
			return new Hosts(this.environment, this.registered);
		}

		@Override
		public Class<?> getObjectType() {
			return Hosts.class;
		}

		@Override
		public boolean isSingleton() {
			return false;
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@ImportAutoConfiguration(BrokerAutoConfiguration.class)
	static class Arguments {

		@Bean
		StringBuilder needed(ApplicationArguments arguments) {
			return new StringBuilder();
		}

		@Bean
		@Supervised
		EndpointFactory tcp(ApplicationArguments arguments, StringBuilder needed) {
			return ScriptedEndpoint::new;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Parent {

		@Bean
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		Hosts hosts(Environment environment, Registered registered) {
			return new Hosts(environment, registered);
		}

		@Bean
		StringBuilder needed(Environment environment) {
			return new StringBuilder();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OfAParent {

		@Bean
		@Supervised
		EndpointFactory tcp(Hosts hosts, StringBuilder needed, Registered registered) {
			return ScriptedEndpoint::new;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PrototypeOfAParent {

		@Bean
		@Supervised
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		Endpoint tcp(Hosts hosts, StringBuilder needed, Registered registered) {
			return new ScriptedEndpoint();
		}

	}

}
