package dev.cider.broker.spring.autoconfigure;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointContext;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.Supervised;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.samples.clinic.VisitReader;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.framework.autoproxy.DefaultAdvisorAutoProxyCreator;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.beans.factory.config.BeanDefinitionHolder;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.support.BeanDefinitionReaderUtils;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.context.support.SimpleThreadScope;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A method of a bean as an endpoint.
 */
@ExtendWith(OutputCaptureExtension.class)
class SupervisedMethodTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(BrokerAutoConfiguration.class))
		.withPropertyValues("broker.restart.delay=0ms");

	private static List<String> ids(BrokerOperations operations) {
		return operations.endpoints().stream().map(EndpointSnapshot::id).toList();
	}

	@Test
	void aMethodIsServedUnderTheNameOfItsBeanAndClosedByAnInterrupt() {
		this.contextRunner.withBean("tail", Tail.class).run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			assertThat(ids(operations)).containsExactly("tail");
			ScriptedFactory.awaitState(operations, "tail", EndpointState.SERVING);
			Tail tail = context.getBean(Tail.class);
			Awaitility.await()
				.atMost(Duration.ofMinutes(4))
				.untilAsserted(() -> assertThat(tail.threads).containsExactly("broker-tail-1"));
			operations.stop("tail");
			ScriptedFactory.awaitState(operations, "tail", EndpointState.STOPPED);
			assertThat(operations.endpoint("tail").crashes()).isZero();
		});
	}

	@Test
	void afterACrashTheMethodIsCalledAgainOnTheSameBean() {
		this.contextRunner.withBean("tail", Tail.class).run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			ScriptedFactory.awaitState(operations, "tail", EndpointState.SERVING);
			Tail tail = context.getBean(Tail.class);
			tail.crash.countDown();
			Awaitility.await().atMost(Duration.ofMinutes(4)).untilAsserted(() -> assertThat(tail.threads).hasSize(2));
			assertThat(operations.endpoint("tail").lastCrash().type()).isEqualTo(IOException.class.getName());
		});
	}

	@Test
	void aMethodBehindAJdkProxyIsServed() {
		this.contextRunner.withUserConfiguration(JdkProxies.class).withBean("job", ProxiedJob.class).run((context) -> {
			assertThat(Proxy.isProxyClass(context.getBean("job").getClass())).isTrue();
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			assertThat(ids(operations)).containsExactly("job");
			ScriptedFactory.awaitState(operations, "job", EndpointState.SERVING);
		});
	}

	@Test
	void aMethodThatAJdkProxyDoesNotHaveIsRefused() {
		this.contextRunner.withUserConfiguration(JdkProxies.class)
			.withBean("job", HiddenJob.class)
			.run((context) -> assertThat(context).getFailure()
				.hasStackTraceContaining("'hidden'")
				.hasStackTraceContaining("cannot be called through the proxy"));
	}

	@Test
	void aFinalMethodBehindAProxyIsRefused() {
		this.contextRunner.withBean(Proxying.class)
			.withBean("final", Final.class)
			.run((context) -> assertThat(context).getFailure().hasStackTraceContaining("is final, so the proxy"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "request", "session" })
	void aMethodOfABeanThatBelongsToARequestIsRefused(String scope) {
		this.contextRunner.withBean("tail", Tail.class, Tail::new, (definition) -> definition.setScope(scope))
			.run((context) -> assertThat(context).getFailure()
				.hasMessageContaining("'tail'")
				.hasMessageContaining("scope '" + scope + "'")
				.hasMessageContaining("lives only while a thread handles a request"));
	}

	@Test
	void aMethodMayTakeTheContextOfItsIncarnation() {
		this.contextRunner.withBean("feed", Feed.class)
			.withPropertyValues("broker.endpoints.feed.explicit-ready=true")
			.run((context) -> {
				ScriptedFactory.awaitState(context.getBean(BrokerOperations.class), "feed", EndpointState.SERVING);
				assertThat(context.getBean(Feed.class).seen).containsExactly("feed 1");
			});
	}

	@Test
	void severalMethodsAddTheirNamesToTheBeans() {
		this.contextRunner.withBean("pair", Pair.class)
			.withPropertyValues("broker.endpoints[pair.right].close-timeout=3s")
			.run((context) -> {
				assertThat(ids(context.getBean(BrokerOperations.class))).containsExactly("pair.left", "pair.right");
				assertThat(context.getBean(BrokerLifecycle.class).options("pair.right").closeTimeout())
					.isEqualTo(Duration.ofSeconds(3));
			});
	}

	@Test
	void aBeanMethodKeepsItsMeaning() {
		this.contextRunner.withUserConfiguration(BeanMethod.class)
			.run((context) -> assertThat(ids(context.getBean(BrokerOperations.class))).containsExactly("factory"));
	}

	@Test
	void aLazyApplicationServesTheMethodToo() {
		this.contextRunner.withBean("tail", Tail.class)
			.withBean(LazyInitializationBeanFactoryPostProcessor.class)
			.run((context) -> ScriptedFactory.awaitState(context.getBean(BrokerOperations.class), "tail",
					EndpointState.SERVING));
	}

	@Test
	void aProxiedBeanIsCalledThroughItsProxy() {
		this.contextRunner.withBean("tail", Tail.class).withBean(Proxying.class).run((context) -> {
			ScriptedFactory.awaitState(context.getBean(BrokerOperations.class), "tail", EndpointState.SERVING);
			Awaitility.await()
				.atMost(Duration.ofMinutes(4))
				.untilAsserted(() -> assertThat(context.getBean(Proxying.class).calls).hasPositiveValue());
		});
	}

	@Test
	void aMethodIsFoundInAnApplicationBelowThePackageOfSpring() {
		this.contextRunner.withBean("visits", VisitReader.class)
			.run((context) -> assertThat(ids(context.getBean(BrokerOperations.class))).containsExactly("visits"));
	}

	@Test
	void anIdThatAnotherBeanHasIsRefused() {
		this.contextRunner.withBean("pair", Pair.class)
			.withBean("pair.left", Tail.class)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(UnsupportedMethodException.class)
				.hasMessageContaining("has the id 'pair.left' in common"));
	}

	/** Two calls at once would share the bean. */
	@Test
	void g4ACallThatDoesNotEndIsNotReplaced() {
		this.contextRunner.withBean("tail", Tail.class).run((context) -> {
			assertThat(context.getBean(BrokerLifecycle.class).options("tail").replaceAbandoned()).isFalse();
			assertThat(context.getBean(BrokerLifecycle.class).options("tail").virtualThreads()).isTrue();
		});
		this.contextRunner.withBean("tail", Tail.class)
			.withPropertyValues("broker.threads=platform")
			.run((context) -> assertThat(context.getBean(BrokerLifecycle.class).options("tail").virtualThreads())
				.isFalse());
	}

	@Test
	void aKeyOfAnUnknownMethodIsRefused() {
		this.contextRunner.withBean("tail", Tail.class)
			.withPropertyValues("broker.endpoints.tale.auto-start=false")
			.run((context) -> assertThat(context).getFailure().rootCause().hasMessageContaining("tale"));
	}

	private static FailureAnalysis analysis(AssertableApplicationContext context) {
		assertThat(context).hasFailed();
		Throwable root = context.getStartupFailure();
		while (!(root instanceof UnsupportedMethodException refusal)) {
			root = root.getCause();
		}
		return new UnsupportedMethodFailureAnalyzer().analyze(refusal, refusal);
	}

	@ParameterizedTest
	@ValueSource(classes = { Static.class, Returning.class, Taking.class })
	void aMethodThatCannotServeIsRefusedWithWhatToWriteInstead(Class<?> type) {
		this.contextRunner.withBean("wrong", type).run((context) -> {
			assertThat(analysis(context).getDescription()).contains("'serve'", type.getName(), "an instance method");
			assertThat(analysis(context).getAction()).contains("public void serve() throws Exception");
		});
	}

	@ParameterizedTest
	@CsvSource({ "Asynchronous, Remove @Async from", "AsynchronousClass, Remove @Async from",
			"OnSchedule, Remove @Scheduled from", "Overloaded, another name", "Twofold, Remove @Supervised from" })
	void aRefusalNamesTheActionForItsReason(String type, String action) throws Exception {
		Class<?> wrong = Class.forName(SupervisedMethodTests.class.getName() + "$" + type);
		this.contextRunner.withBean("wrong", wrong).run((context) -> {
			assertThat(analysis(context).getDescription()).contains("'serve'", wrong.getName());
			assertThat(analysis(context).getAction()).contains(action).doesNotContain("while (");
		});
	}

	/** It would be constructed for the checks, for nobody's use. */
	@ParameterizedTest
	@EnumSource(names = { "NO", "TARGET_CLASS" })
	void aMethodOfAPrototypeIsRefusedWithTheClassToWriteAndNoneIsMade(ScopedProxyMode proxy) {
		AtomicInteger made = new AtomicInteger();
		this.contextRunner.withInitializer((context) -> {
			RootBeanDefinition definition = new RootBeanDefinition(Tail.class, "prototype", () -> {
				made.incrementAndGet();
				return new Tail();
			});
			register(context, definition, proxy);
		}).run((context) -> {
			assertThat(analysis(context).getDescription()).contains("'tail'", "scope 'prototype'");
			assertThat(analysis(context).getAction()).contains("class Tail implements Endpoint {");
			assertThat(made).hasValue(0);
		});
	}

	@Test
	void aMethodOfABeanWithAScopedProxyIsServedUnderTheNameOfTheProxy() {
		this.contextRunner.withInitializer((context) -> {
			context.getBeanFactory().registerScope("thread", new SimpleThreadScope());
			register(context, new RootBeanDefinition(Tail.class, "thread", Tail::new), ScopedProxyMode.TARGET_CLASS);
		}).run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			assertThat(ids(operations)).containsExactly("tail");
			ScriptedFactory.awaitState(operations, "tail", EndpointState.SERVING);
		});
	}

	private static void register(ConfigurableApplicationContext context, RootBeanDefinition definition,
			ScopedProxyMode proxy) {
		BeanDefinitionRegistry registry = (BeanDefinitionRegistry) context.getBeanFactory();
		BeanDefinitionHolder plain = new BeanDefinitionHolder(definition, "tail");
		BeanDefinitionReaderUtils.registerBeanDefinition(
				(proxy == ScopedProxyMode.NO) ? plain : ScopedProxyUtils.createScopedProxy(plain, registry, true),
				registry);
	}

	/** A call follows its creation at once: there is nothing that they could limit. */
	@ParameterizedTest
	@CsvSource({ "start-timeout, 10s, ready()", "heartbeat-timeout, 10s, heartbeat()",
			"explicit-ready, true, ready()" })
	void aLimitOfAMethodWithoutContextIsRefusedWithWhatToWrite(String key, String value, String call) {
		String name = "broker.endpoints.tail." + key;
		this.contextRunner.withBean("tail", Tail.class)
			.withPropertyValues("broker.lifecycle.auto-startup=false", name + "=" + value)
			.run((context) -> {
				FailureAnalysis analysis = new InvalidBrokerPropertyFailureAnalyzer()
					.analyze(context.getStartupFailure());
				assertThat(analysis.getDescription())
					.startsWith("Invalid value '" + value + "' for configuration property '" + name + "'")
					.endsWith("the endpoint has no EndpointContext, so it cannot call " + call);
				assertThat(analysis.getAction()).isEqualTo("Give the method one EndpointContext parameter and call "
						+ call + " on it, or remove '" + name + "'.");
			});
	}

	@Test
	void sharedLimitsDoNotConcernAMethodWithoutContext() {
		this.contextRunner.withBean("tail", Tail.class)
			.withBean("feed", Feed.class)
			.withPropertyValues("broker.start-timeout=1m", "broker.heartbeat-timeout=1m", "broker.explicit-ready=true",
					"broker.endpoints.tail.start-timeout=0s")
			.run((context) -> {
				ScriptedFactory.awaitState(context.getBean(BrokerOperations.class), "tail", EndpointState.SERVING);
				assertThat(context.getBean(BrokerLifecycle.class).options("tail").startTimeout()).isNull();
				assertThat(context.getBean(BrokerLifecycle.class).options("feed").startTimeout())
					.isEqualTo(Duration.ofMinutes(1));
			});
	}

	@Test
	void aMethodThatTheTypeOfALazyBeanHidesIsNamedInTheLogWhenTheBeanIsMade(CapturedOutput output) {
		this.contextRunner.withUserConfiguration(Hiding.class).run((context) -> {
			assertThat(ids(context.getBean(BrokerOperations.class))).containsExactly("shown");
			context.getBean("shown");
			assertThat(output).doesNotContain("is not served");
			context.getBean("hidden");
			assertThat(output).containsOnlyOnce("The @Supervised method 'serve' of bean 'hidden' is not served: the"
					+ " definition of the bean does not show its class " + ProxiedJob.class.getName());
		});
	}

	@Test
	void aTransactionThatLastsAsLongAsTheEndpointIsNamedInTheLog(CapturedOutput output) {
		this.contextRunner.withUserConfiguration(JdkProxies.class)
			.withBean("books", TransactionalJob.class)
			.withBean("apart", ApartJob.class)
			.run((context) -> assertThat(output)
				.containsOnlyOnce(
						"books: its method serve is @Transactional, so one transaction lasts as long as the call")
				.doesNotContain("apart: its method"));
	}

	@Test
	void aPrivateMethodUnderAProxyIsRefused() {
		this.contextRunner.withBean("secret", Secret.class)
			.withBean(Proxying.class)
			.run((context) -> assertThat(context).getFailure()
				.isInstanceOf(UnsupportedMethodException.class)
				.hasMessageContaining("cannot be called through the proxy"));
		this.contextRunner.withBean("secret", Secret.class)
			.run((context) -> ScriptedFactory.awaitState(context.getBean(BrokerOperations.class), "secret",
					EndpointState.SERVING));
	}

	static class Tail {

		final List<String> threads = new CopyOnWriteArrayList<>();

		final CountDownLatch crash = new CountDownLatch(1);

		@Supervised
		void tail() throws Exception {
			this.threads.add(Thread.currentThread().getName());
			if (this.threads.size() > 1) {
				new CountDownLatch(1).await();
			}
			this.crash.await();
			throw new IOException("gone");
		}

	}

	static class Feed {

		final List<String> seen = new CopyOnWriteArrayList<>();

		@Supervised
		void serve(EndpointContext context) throws Exception {
			this.seen.add(context.id() + " " + context.incarnation());
			context.ready();
			new CountDownLatch(1).await();
		}

	}

	static class Pair {

		@Supervised
		void right() throws Exception {
			new CountDownLatch(1).await();
		}

		@Supervised
		void left() throws Exception {
			new CountDownLatch(1).await();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BeanMethod {

		@Bean
		@Supervised
		ScriptedFactory factory() {
			return new ScriptedFactory();
		}

	}

	/** Puts a proxy of the class before each bean of this test. */
	static class Proxying implements BeanPostProcessor {

		final AtomicInteger calls = new AtomicInteger();

		@Override
		public Object postProcessAfterInitialization(Object bean, String name) {
			if (!(bean instanceof Tail || bean instanceof Secret || bean instanceof Final)) {
				return bean;
			}
			ProxyFactory factory = new ProxyFactory(bean);
			factory.setProxyTargetClass(true);
			factory.addAdvice((org.aopalliance.intercept.MethodInterceptor) (invocation) -> {
				this.calls.incrementAndGet();
				return invocation.proceed();
			});
			return factory.getProxy();
		}

	}

	static class Final {

		@Supervised
		final void serve() {
		}

	}

	static class Secret {

		@Supervised
		private void serve() throws Exception {
			new CountDownLatch(1).await();
		}

	}

	static class Asynchronous {

		@Async
		@Supervised
		void serve() {
		}

	}

	@Async
	static class AsynchronousClass {

		@Supervised
		void serve() {
		}

	}

	static class OnSchedule {

		@Scheduled(fixedDelay = 1)
		@Supervised
		void serve() {
		}

	}

	/** What a bean with a JDK proxy shows. */
	interface Job {

		void serve() throws Exception;

	}

	static class ProxiedJob implements Job {

		@Override
		@Supervised
		public void serve() throws Exception {
			new CountDownLatch(1).await();
		}

	}

	@Transactional
	static class TransactionalJob extends ProxiedJob {

		@Override
		@Supervised
		public void serve() throws Exception {
			super.serve();
		}

	}

	@Transactional
	static class ApartJob extends ProxiedJob {

		@Override
		@Supervised
		@Transactional(propagation = Propagation.NOT_SUPPORTED)
		public void serve() throws Exception {
			super.serve();
		}

	}

	@Supervised
	static class Twofold {

		@Supervised
		void serve() {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Hiding {

		@Bean
		@Lazy
		Job hidden() {
			return new ProxiedJob();
		}

		@Bean
		@Lazy
		ProxiedJob shown() {
			return new ProxiedJob();
		}

	}

	static class HiddenJob implements Job {

		@Override
		public void serve() {
		}

		@Supervised
		public void hidden() {
		}

	}

	/** Proxies as transactions do: the advisor finds each job. */
	@Configuration(proxyBeanMethods = false)
	static class JdkProxies {

		@Bean
		static DefaultAdvisorAutoProxyCreator proxies() {
			return new DefaultAdvisorAutoProxyCreator();
		}

		@Bean
		static DefaultPointcutAdvisor advisor() {
			return new DefaultPointcutAdvisor(
					(org.aopalliance.intercept.MethodInterceptor) (invocation) -> invocation.proceed()) {
				@Override
				public org.springframework.aop.Pointcut getPointcut() {
					return new org.springframework.aop.support.ComposablePointcut(Job.class::isAssignableFrom);
				}
			};
		}

	}

	static class Static {

		@Supervised
		static void serve() {
		}

	}

	static class Returning {

		@Supervised
		String serve() {
			return "";
		}

	}

	static class Taking {

		@Supervised
		void serve(String what) {
		}

	}

	static class Overloaded {

		@Supervised
		void serve() {
		}

		@Supervised
		void serve(EndpointContext context) {
		}

	}

}
