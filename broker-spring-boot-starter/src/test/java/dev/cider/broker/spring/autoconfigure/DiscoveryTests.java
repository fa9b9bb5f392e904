package dev.cider.broker.spring.autoconfigure;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.List;
import java.util.Set;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointContext;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import dev.cider.broker.UnknownEndpointException;
import dev.cider.broker.spring.BrokerBlueprint;
import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.ScriptedEndpoint;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.Supervised;
import dev.cider.broker.spring.TestEndpoints;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Scope;
import org.springframework.stereotype.Component;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Which beans become endpoints.
 */
class DiscoveryTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(BrokerAutoConfiguration.class));

	private final ApplicationContextRunner notStarted = this.contextRunner
		.withPropertyValues("broker.lifecycle.auto-startup=false");

	private static List<String> ids(BrokerOperations operations) {
		return operations.endpoints().stream().map(EndpointSnapshot::id).toList();
	}

	@Test
	void aSupervisedFactoryBecomesAnEndpointNamedAsTheBean() {
		this.contextRunner.withUserConfiguration(TestEndpoints.Tcp.class).run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			assertThat(ids(operations)).containsExactly("tcp");
			ScriptedFactory.awaitState(operations, "tcp", EndpointState.SERVING);
			assertThat(context.getBean(ScriptedFactory.class).made).hasSize(1);
		});
	}

	@Test
	void aFactoryWithoutTheAnnotationIsLeftAlone() {
		this.notStarted.withUserConfiguration(TestEndpoints.Tcp.class)
			.withBean("other", EndpointFactory.class, ScriptedFactory::new)
			.run((context) -> assertThat(ids(context.getBean(BrokerOperations.class))).containsExactly("tcp"));
	}

	@Test
	void theAnnotationIsFoundOnTheClassAndBehindAnotherAnnotation() {
		this.notStarted.withUserConfiguration(OnClass.class, Composed.class)
			.run((context) -> assertThat(ids(context.getBean(BrokerOperations.class)))
				.containsExactlyInAnyOrder("onClass", "composedMethod", "composedClass"));
	}

	@Test
	void theQualifierMayBeAddedToADefinitionToo() {
		this.notStarted
			.withInitializer((context) -> ((BeanDefinitionRegistry) context.getBeanFactory())
				.registerBeanDefinition("added", qualified()))
			.run((context) -> assertThat(ids(context.getBean(BrokerOperations.class))).containsExactly("added"));
	}

	private static BeanDefinition qualified() {
		RootBeanDefinition definition = new RootBeanDefinition(ScriptedFactory.class, ScriptedFactory::new);
		definition.addQualifier(new AutowireCandidateQualifier(Supervised.class));
		return definition;
	}

	@Test
	void aContextualFactoryGetsTheContextOfEachIncarnation() {
		this.contextRunner.withUserConfiguration(Contextual.class).run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			ScriptedFactory.awaitState(operations, "contextual", EndpointState.SERVING);
			assertThat(context.getBean(Contextual.class).seen).containsExactly("contextual 1");
		});
	}

	@Test
	void everyIncarnationOfAPrototypeIsANewBean() {
		this.contextRunner.withUserConfiguration(Prototypes.class).run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			assertThat(ids(operations)).containsExactlyInAnyOrder("plain", "byMethod", "byConstructor");
			ScriptedFactory.awaitState(operations, "plain", EndpointState.SERVING);
			operations.restart("plain");
			ScriptedFactory.await(() -> operations.endpoint("plain").starts() == 2
					&& operations.endpoint("plain").state() == EndpointState.SERVING);
			assertThat(operations.endpoint("plain").crashes()).isZero();
		});
	}

	@Test
	void aPrototypeMayTakeTheContextOfItsIncarnation() {
		this.contextRunner.withUserConfiguration(Prototypes.class).run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			ScriptedFactory.awaitState(operations, "byMethod", EndpointState.SERVING);
			ScriptedFactory.awaitState(operations, "byConstructor", EndpointState.SERVING);
			operations.restart("byConstructor");
			ScriptedFactory.await(() -> operations.endpoint("byConstructor").starts() == 2
					&& operations.endpoint("byConstructor").state() == EndpointState.SERVING);
			assertThat(Prototypes.seen).contains("byMethod 1", "byConstructor 1", "byConstructor 2");
		});
	}

	@Test
	void aPrototypeWithAContextCountsAsContextual() {
		this.notStarted.withUserConfiguration(Prototypes.class)
			.run((context) -> assertThat(SupervisedBeans.find(context.getSourceApplicationContext().getBeanFactory()))
				.extracting((bean) -> bean.id() + " " + bean.kind())
				.containsExactlyInAnyOrder("plain PROTOTYPE", "byMethod CONTEXTUAL_PROTOTYPE",
						"byConstructor CONTEXTUAL_PROTOTYPE"));
	}

	@Test
	void theConstructorThatSpringCallsTellsWhetherAPrototypeIsContextual() {
		this.notStarted.withUserConfiguration(SeveralConstructors.class)
			.run((context) -> assertThat(SupervisedBeans.find(context.getSourceApplicationContext().getBeanFactory()))
				.singleElement()
				.extracting(SupervisedBean::kind)
				.isEqualTo(SupervisedBean.Kind.PROTOTYPE));
	}

	@Test
	void aSingletonEndpointFailsTheStartAndIsToldWhatToWriteInstead() {
		this.contextRunner.withUserConfiguration(Singleton.class).run((context) -> {
			assertThat(context).hasFailed();
			FailureAnalysis analysis = Objects.requireNonNull(new NotRestartableEndpointFailureAnalyzer()
				.analyze(Objects.requireNonNull(context.getStartupFailure())));
			assertThat(analysis.getDescription()).contains("'tcp'", "singleton");
			assertThat(analysis.getAction()).contains("EndpointFactory tcp()", "return () -> new ScriptedEndpoint()",
					"@Scope(\"prototype\")");
		});
	}

	@Test
	void anotherTypeWithTheAnnotationFailsTheStartAndIsToldWhatToWriteInstead() {
		this.notStarted.withUserConfiguration(WrongType.class).run((context) -> {
			assertThat(context).hasFailed();
			FailureAnalysis analysis = Objects.requireNonNull(
					new UnsupportedBeanFailureAnalyzer().analyze(Objects.requireNonNull(context.getStartupFailure())));
			assertThat(analysis.getDescription()).contains("'notAnEndpoint'", "WrongType",
					AtomicInteger.class.getName());
			assertThat(analysis.getAction()).contains("Remove @Supervised", "EndpointFactory notAnEndpoint()");
		});
	}

	@Test
	void aBeanWhoseTypeIsNotKnownBeforeItIsMadeFailsTheStart() {
		this.notStarted.withUserConfiguration(UnknownType.class)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(UnsupportedBeanException.class)
				.hasMessageContaining("'vague'"));
	}

	@ParameterizedTest
	@ValueSource(classes = { FactoryBeanByMethod.class, FactoryBeanOfPlainMethod.class, FactoryBeanOnClass.class })
	void theProductOfASupervisedFactoryBeanIsServed(Class<?> configuration) {
		this.contextRunner.withUserConfiguration(configuration)
			.run((context) -> ScriptedFactory.awaitState(context.getBean(BrokerOperations.class), "product",
					EndpointState.SERVING));
	}

	@ParameterizedTest
	@ValueSource(classes = { VagueFactoryBean.class, FactoryBeanOfAnotherType.class, FactoryBeanOfAnEndpoint.class })
	void aSupervisedFactoryBeanWhoseProductCannotBeServedIsRefusedByName(Class<?> factoryBean) {
		this.notStarted
			.withInitializer((context) -> ((BeanDefinitionRegistry) context.getBeanFactory())
				.registerBeanDefinition("product", new RootBeanDefinition(factoryBean)))
			.run((context) -> assertThat(context).getFailure().rootCause().hasMessageContaining("'product'"));
	}

	@ParameterizedTest
	@ValueSource(classes = { Null.class, LazyNull.class, NullFactoryBean.class })
	void aBeanThatIsNullIsNoEndpoint(Class<?> configuration) {
		this.contextRunner.withUserConfiguration(configuration, TestEndpoints.Tcp.class)
			.withPropertyValues("broker.endpoints.nothing.auto-start=false",
					"broker.endpoints.nothing.heartbeat-timeout=1s")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
				assertThat(ids(lifecycle)).containsExactly("tcp");
				assertThatExceptionOfType(UnknownEndpointException.class)
					.isThrownBy(() -> lifecycle.options("nothing"));
				lifecycle.stop();
				assertThat(ids(lifecycle)).containsExactly("tcp");
				lifecycle.start();
				ScriptedFactory.awaitState(lifecycle, "tcp", EndpointState.SERVING);
			});
	}

	@Test
	void aBeanThatIsNullIsNoEndpointBeforeTheStart() {
		this.notStarted.withUserConfiguration(AsksEarly.class, Null.class, TestEndpoints.Tcp.class)
			.run((context) -> assertThat(ids(context.getBean(BrokerOperations.class))).containsExactly("tcp"));
	}

	@Test
	void idsAreKnownWithoutMakingTheBeans() {
		this.notStarted.withUserConfiguration(LazyTcp.class).run((context) -> {
			assertThat(ids(context.getBean(BrokerOperations.class))).containsExactly("tcp");
			assertThat(context.getBeanFactory().containsSingleton("tcp")).isFalse();
		});
	}

	@Test
	void lazyInitializationDoesNotKeepTheBrokerFromStarting() {
		this.contextRunner.withUserConfiguration(TestEndpoints.Tcp.class)
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.run((context) -> ScriptedFactory.awaitState(context.getBean(BrokerOperations.class), "tcp",
					EndpointState.SERVING));
	}

	/** As a framework does it that makes objects without Spring. */
	@Test
	void anObjectWithoutANameIsInitialised() {
		Object object = new Object();
		assertThat(new HiddenMethods(Set.of("tcp")).postProcessBeforeInitialization(object, null)).isSameAs(object);
	}

	@Test
	void aBrokerDoesNotServeTheFactoriesOfAParentContext() {
		this.contextRunner.withUserConfiguration(TestEndpoints.Tcp.class)
			.run((parent) -> this.contextRunner.withParent(parent).withUserConfiguration(Udp.class).run((child) -> {
				assertThat(child.getBean(BrokerOperations.class)).isNotSameAs(parent.getBean(BrokerOperations.class));
				assertThat(ids(child.getBean(BrokerOperations.class))).containsExactly("udp");
				assertThat(ids(parent.getBean(BrokerOperations.class))).containsExactly("tcp");
			}));
	}

	@Test
	void aFactoryMayInjectTheOperations() {
		this.contextRunner.withUserConfiguration(InjectsOperations.class).run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			ScriptedFactory.awaitState(operations, "self", EndpointState.SERVING);
			assertThat(context.getBean(InjectsOperations.class).injected).isSameAs(operations);
		});
	}

	@Test
	void theBrokerCanBeSwitchedOff() {
		this.contextRunner.withUserConfiguration(TestEndpoints.Tcp.class)
			.withPropertyValues("broker.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(BrokerOperations.class));
	}

	@Test
	void theBrokerBacksOffForOneOfTheApplication() {
		this.notStarted.withUserConfiguration(OwnLifecycle.class)
			.run((context) -> assertThat(context).getBean(BrokerLifecycle.class).isSameAs(context.getBean("mine")));
	}

	@Configuration(proxyBeanMethods = false)
	static class Udp {

		@Bean
		@Supervised
		EndpointFactory udp() {
			return new ScriptedFactory();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LazyTcp {

		@Bean
		@Lazy
		@Supervised
		EndpointFactory tcp() {
			return new ScriptedFactory();
		}

	}

	@Supervised
	@Component("onClass")
	static class OnClass extends ScriptedFactory {

	}

	@Supervised
	@Retention(RetentionPolicy.RUNTIME)
	@interface Transport {

	}

	@Transport
	static class TransportFactory extends ScriptedFactory {

	}

	@Configuration(proxyBeanMethods = false)
	static class Composed {

		@Bean
		@Transport
		EndpointFactory composedMethod() {
			return new ScriptedFactory();
		}

		@Bean
		TransportFactory composedClass() {
			return new TransportFactory();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Contextual {

		final List<String> seen = new CopyOnWriteArrayList<>();

		@Bean
		@Supervised
		ContextualEndpointFactory contextual() {
			return (context) -> {
				this.seen.add(context.id() + " " + context.incarnation());
				return new ScriptedEndpoint();
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Prototypes.ByConstructor.class)
	static class Prototypes {

		static final List<String> seen = new CopyOnWriteArrayList<>();

		@Bean
		@Supervised
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		ScriptedEndpoint plain() {
			return new ScriptedEndpoint();
		}

		@Bean
		@Supervised
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		Endpoint byMethod(EndpointContext context) {
			seen.add(context.id() + " " + context.incarnation());
			return new ScriptedEndpoint();
		}

		@Supervised
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		@Component("byConstructor")
		static class ByConstructor extends ScriptedEndpoint {

			ByConstructor(EndpointContext context) {
				seen.add(context.id() + " " + context.incarnation());
			}

		}

	}

	@Supervised
	@Component("several")
	@Scope(BeanDefinition.SCOPE_PROTOTYPE)
	static class SeveralConstructors extends ScriptedEndpoint {

		@Autowired
		SeveralConstructors() {
		}

		SeveralConstructors(EndpointContext context) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Singleton {

		@Bean
		@Supervised
		ScriptedEndpoint tcp() {
			return new ScriptedEndpoint();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WrongType {

		@Bean
		@Supervised
		AtomicInteger notAnEndpoint() {
			return new AtomicInteger();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class UnknownType {

		@Bean
		@Supervised
		FactoryBean<?> vague() {
			return new FactoryBean<Object>() {

				@Override
				public Object getObject() {
					return new ScriptedFactory();
				}

				@Override
				public @Nullable Class<?> getObjectType() {
					return null;
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Null {

		@Bean
		@Supervised
		@Nullable EndpointFactory nothing() {
			return null;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LazyNull {

		@Bean
		@Lazy
		@Supervised
		@Nullable EndpointFactory nothing() {
			return null;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NullFactoryBean {

		@Bean
		@Supervised
		FactoryBean<EndpointFactory> nothing() {
			return new ProductFactoryBean(null);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AsksEarly {

		@Bean
		AtomicInteger early(BrokerOperations operations) {
			return new AtomicInteger();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FactoryBeanByMethod {

		@Bean
		@Supervised
		FactoryBean<EndpointFactory> product() {
			return new ProductFactoryBean(new ScriptedFactory());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FactoryBeanOfPlainMethod {

		@Bean
		SupervisedFactoryBean product() {
			return new SupervisedFactoryBean();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(SupervisedFactoryBean.class)
	static class FactoryBeanOnClass {

	}

	static class ProductFactoryBean implements FactoryBean<EndpointFactory> {

		private final @Nullable EndpointFactory product;

		ProductFactoryBean(@Nullable EndpointFactory product) {
			this.product = product;
		}

		@Override
		public @Nullable EndpointFactory getObject() {
			return this.product;
		}

		@Override
		public Class<?> getObjectType() {
			return EndpointFactory.class;
		}

	}

	@Supervised
	@Component("product")
	static class SupervisedFactoryBean extends ProductFactoryBean {

		SupervisedFactoryBean() {
			super(new ScriptedFactory());
		}

	}

	@Supervised
	static class VagueFactoryBean implements FactoryBean<Object> {

		@Override
		public Object getObject() {
			return new ScriptedFactory();
		}

		@Override
		public @Nullable Class<?> getObjectType() {
			return null;
		}

	}

	@Supervised
	static class FactoryBeanOfAnotherType implements FactoryBean<AtomicInteger> {

		@Override
		public AtomicInteger getObject() {
			return new AtomicInteger();
		}

		@Override
		public Class<?> getObjectType() {
			return AtomicInteger.class;
		}

	}

	@Supervised
	static class FactoryBeanOfAnEndpoint implements FactoryBean<Endpoint> {

		@Override
		public Endpoint getObject() {
			return new ScriptedEndpoint();
		}

		@Override
		public Class<?> getObjectType() {
			return Endpoint.class;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class InjectsOperations {

		private volatile Object injected = "nothing";

		@Bean
		@Supervised
		EndpointFactory self(BrokerOperations operations) {
			this.injected = operations;
			return new ScriptedFactory();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnLifecycle {

		@Bean
		BrokerLifecycle mine(BrokerBlueprint blueprint, ApplicationEventPublisher publisher) {
			return new BrokerLifecycle(blueprint, publisher, BrokerLifecycle.PHASE, false);
		}

	}

}
