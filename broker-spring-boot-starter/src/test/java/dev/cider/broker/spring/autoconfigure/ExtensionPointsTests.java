package dev.cider.broker.spring.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import dev.cider.broker.Broker;
import dev.cider.broker.BrokerMonitor;
import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointOptions;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.ApplicationExit;
import dev.cider.broker.spring.BrokerBlueprint;
import dev.cider.broker.spring.BrokerBuilderCustomizer;
import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.DropEffect;
import dev.cider.broker.spring.EndpointOptionsCustomizer;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.TestEndpoints;
import dev.cider.broker.spring.actuate.BrokerEndpoint;
import dev.cider.broker.spring.actuate.BrokerEndpointWebExtension;
import dev.cider.broker.spring.health.BrokerHealthContributor;
import dev.cider.broker.spring.health.DownWhen;
import dev.cider.broker.spring.metrics.BrokerMetrics;
import dev.cider.broker.spring.metrics.CrashCounter;
import dev.cider.broker.spring.metrics.GateMeters;
import dev.cider.broker.spring.metrics.LostEvents;
import dev.cider.broker.spring.metrics.RecoveryTimer;
import org.junit.jupiter.api.Test;

import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an application can add, change and replace.
 */
class ExtensionPointsTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(BrokerAutoConfiguration.class, BrokerEndpointAutoConfiguration.class,
				BrokerHealthContributorAutoConfiguration.class, BrokerMetricsAutoConfiguration.class))
		.withUserConfiguration(TestEndpoints.Tcp.class)
		.withPropertyValues("management.endpoints.web.exposure.include=broker");

	@Test
	void monitorsAreAddedToEveryBrokerInTheirOrder() {
		this.contextRunner.withUserConfiguration(Monitors.class).run((context) -> {
			BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
			Monitors monitors = context.getBean(Monitors.class);
			for (int run = 1; run <= 2; run++) {
				monitors.threads.clear();
				context.getBean(ScriptedFactory.class).crash(lifecycle, "tcp", new IllegalStateException("boom"));
				ScriptedFactory.await(() -> monitors.threads.size() == 3);
				// Each has a mailbox of its own, numbered in the order of registration.
				assertThat(monitors.number("first")).isLessThan(monitors.number("second"));
				assertThat(monitors.number("second")).isLessThan(monitors.number("last"));
				lifecycle.stop();
				lifecycle.start();
			}
		});
	}

	@Test
	void builderCustomizersChangeEveryBrokerAfterThePropertiesInTheirOrder() {
		this.contextRunner.withPropertyValues("broker.history-size=7", "broker.restart.delay=0s")
			.withUserConfiguration(BuilderCustomizers.class)
			.run((context) -> {
				BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
				ScriptedFactory tcp = context.getBean(ScriptedFactory.class);
				tcp.crash(lifecycle, "tcp", new IllegalStateException("one"));
				tcp.crash(lifecycle, "tcp", new IllegalStateException("two"));
				assertThat(lifecycle.history("tcp")).as("the last customizer allows one").hasSize(1);
				lifecycle.stop();
				lifecycle.start();
				assertThat(context.getBean(BuilderCustomizers.class).calls).containsExactly("first", "last", "first",
						"last");
			});
	}

	@Test
	void optionsCustomizersChangeEveryEndpointAfterThePropertiesInTheirOrder() {
		this.contextRunner.withPropertyValues("broker.close-timeout=3s", "broker.endpoints.tcp.close-timeout=4s")
			.withUserConfiguration(OptionsCustomizers.class)
			.run((context) -> {
				BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
				lifecycle.stop();
				lifecycle.start();
				assertThat(lifecycle.options("tcp").closeTimeout()).isEqualTo(Duration.ofSeconds(9));
				assertThat(context.getBean(OptionsCustomizers.class).calls).containsExactly("first tcp", "last tcp");
			});
	}

	@Test
	void everyBeanOfOursCanBeReplaced() {
		List<Class<?>> types = List.of(BrokerBlueprint.class, BrokerLifecycle.class, ApplicationExit.class,
				BrokerEndpoint.class, BrokerEndpointWebExtension.class, BrokerHealthContributor.class,
				BrokerMetrics.class, GateMeters.class, RecoveryTimer.class, CrashCounter.class, LostEvents.class);
		this.contextRunner.run((context) -> assertThat(replaceable(context)).as("all that there are to replace")
			.hasSameSizeAs(types)
			.allSatisfy((bean) -> assertThat(types).anyMatch((type) -> type.isInstance(bean))));
		this.contextRunner.withUserConfiguration(Replacements.class).run((context) -> {
			assertThat(context).hasNotFailed();
			Replacements replacements = context.getBean(Replacements.class);
			assertThat(types).allSatisfy((type) -> assertThat(context.getBeansOfType(type)).hasSize(1));
			assertThat(replaceable(context)).allSatisfy((bean) -> assertThat(replacements.made).contains(bean));
			ScriptedFactory.awaitState(context.getBean(BrokerOperations.class), "own", EndpointState.SERVING);
			assertThat(context.getBean(BrokerLifecycle.class).dropEffect("own")).isEqualTo(DropEffect.defaults());
		});
	}

	@Test
	void noNameOfOursIsOneThatAnApplicationWouldChoose() {
		this.contextRunner.run((context) -> assertThat(ours(context)).allSatisfy((bean) -> {
			String[] names = context.getBeanNamesForType(bean.getClass());
			assertThat(names).hasSize(1);
			// Spring Boot tells health contributors apart by name.
			if (!names[0].equals("brokerHealthContributor")) {
				assertThat(bean).isInstanceOf(Class.forName(names[0]));
			}
		}));
	}

	@Test
	void anApplicationMayUseEveryPlainNameForABeanOfItsOwn() {
		ApplicationContextRunner runner = this.contextRunner;
		for (String name : List.of("broker", "brokerBlueprint", "brokerLifecycle", "brokerOperations",
				"brokerApplicationExit", "brokerEndpoint", "brokerEndpointWebExtension", "brokerMetrics",
				"brokerGateMeters", "brokerRecoveryTimer", "brokerCrashCounter", "brokerLostEvents", "brokerProperties",
				"brokerSettings", "recoveryTimer")) {
			runner = runner.withBean(name, StringBuilder.class, StringBuilder::new);
		}
		runner.run((context) -> {
			assertThat(context).hasNotFailed();
			ScriptedFactory.awaitState(context.getBean(BrokerOperations.class), "tcp", EndpointState.SERVING);
			assertThat(context).hasSingleBean(BrokerMetrics.class).hasSingleBean(BrokerEndpoint.class);
		});
	}

	@Test
	void aBrokerOfTheApplicationsOwnLeavesTheOperationsOfOursInjectable() {
		this.contextRunner.withBean("own", Broker.class, Broker::create)
			.withBean(InjectsOperations.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
				assertThat(context.getBean(BrokerOperations.class)).isSameAs(lifecycle);
				assertThat(context.getBean(InjectsOperations.class).operations()).isSameAs(lifecycle);
				assertThat(context.getBean(Broker.class)).isNotSameAs(lifecycle);
			});
	}

	@Test
	void primaryOperationsOfTheApplicationsOwnAreInjectedInsteadOfOurs() {
		this.contextRunner.withBean("own", Broker.class, Broker::create, (definition) -> definition.setPrimary(true))
			.withBean(InjectsOperations.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(InjectsOperations.class).operations())
					.isSameAs(context.getBean(Broker.class));
				ScriptedFactory.awaitState(context.getBean(BrokerLifecycle.class), "tcp", EndpointState.SERVING);
			});
	}

	private record InjectsOperations(BrokerOperations operations) {
	}

	/** The announcer of the stop belongs to the lifecycle, even to a replaced one. */
	private static List<Object> replaceable(ApplicationContext context) {
		return ours(context).stream().filter((bean) -> !(bean instanceof StopAnnouncer)).toList();
	}

	/** Beans of the auto-configurations, or what stands in for them. */
	private static List<Object> ours(ApplicationContext context) {
		return Stream.of(context.getBeanDefinitionNames())
			.filter((name) -> !context.getType(name).isAnnotationPresent(AutoConfiguration.class)
					&& !context.getType(name).isAnnotationPresent(ConfigurationProperties.class))
			.map(context::getBean)
			.filter((bean) -> bean.getClass().getName().startsWith("dev.cider.broker.spring."))
			.filter((bean) -> !(bean instanceof ScriptedFactory || bean instanceof TestEndpoints.Tcp
					|| bean instanceof Replacements))
			.toList();
	}

	@Configuration(proxyBeanMethods = false)
	static class Monitors {

		final Map<String, String> threads = new ConcurrentHashMap<>();

		int number(String monitor) {
			return Integer.parseInt(this.threads.get(monitor).replaceAll("\\D", ""));
		}

		private BrokerMonitor monitor(String name) {
			return (report) -> this.threads.put(name, Thread.currentThread().getName());
		}

		@Bean
		BrokerMonitor unordered() {
			return monitor("last");
		}

		@Bean
		@Order(2)
		BrokerMonitor second() {
			return monitor("second");
		}

		@Bean
		@Order(1)
		BrokerMonitor first() {
			return monitor("first");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BuilderCustomizers {

		final List<String> calls = new CopyOnWriteArrayList<>();

		@Bean
		@Order(2)
		BrokerBuilderCustomizer last() {
			return (builder) -> {
				this.calls.add("last");
				builder.historySize(1);
			};
		}

		@Bean
		@Order(1)
		BrokerBuilderCustomizer first() {
			return (builder) -> {
				this.calls.add("first");
				builder.historySize(2);
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OptionsCustomizers {

		final List<String> calls = new CopyOnWriteArrayList<>();

		@Bean
		@Order(2)
		EndpointOptionsCustomizer last() {
			return (id, options) -> {
				this.calls.add("last " + id);
				options.closeTimeout(Duration.ofSeconds(9));
			};
		}

		@Bean
		@Order(1)
		EndpointOptionsCustomizer first() {
			return (id, options) -> {
				this.calls.add("first " + id);
				options.closeTimeout(Duration.ofSeconds(8));
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Replacements {

		final List<Object> made = new CopyOnWriteArrayList<>();

		private <T> T own(T bean) {
			this.made.add(bean);
			return bean;
		}

		@Bean
		BrokerBlueprint ownBlueprint() {
			return own(new OwnBlueprint());
		}

		@Bean
		BrokerLifecycle ownLifecycle(BrokerBlueprint blueprint, ApplicationEventPublisher publisher) {
			return own(new BrokerLifecycle(blueprint, publisher, BrokerLifecycle.PHASE, true));
		}

		@Bean
		ApplicationExit ownExit() {
			return own((ApplicationExit) (report) -> {
			});
		}

		@Bean
		BrokerEndpoint ownEndpoint(BrokerLifecycle lifecycle) {
			return own(new BrokerEndpoint(lifecycle, Show.ALWAYS));
		}

		@Bean
		BrokerEndpointWebExtension ownExtension(BrokerLifecycle lifecycle) {
			return own(new BrokerEndpointWebExtension(lifecycle, Show.ALWAYS, Set.of()));
		}

		/** Spring Boot tells health contributors apart by name. */
		@Bean
		BrokerHealthContributor brokerHealthContributor(BrokerLifecycle lifecycle) {
			return own(new BrokerHealthContributor(lifecycle, DownWhen.NOT_SERVING));
		}

		@Bean
		BrokerMetrics ownMetrics(BrokerOperations operations) {
			return own(new BrokerMetrics(operations));
		}

		@Bean
		RecoveryTimer ownRecoveryTimer(BrokerOperations operations) {
			return own(new RecoveryTimer(operations));
		}

		@Bean
		CrashCounter ownCrashCounter(BrokerOperations operations) {
			return own(new CrashCounter(operations));
		}

		@Bean
		GateMeters ownGateMeters(BrokerOperations operations) {
			return own(new GateMeters(operations, List.of()));
		}

		@Bean
		LostEvents ownLostEvents() {
			return own(new LostEvents(() -> 0));
		}

	}

	private static final class OwnBlueprint implements BrokerBlueprint {

		@Override
		public List<String> ids() {
			return List.of("own");
		}

		@Override
		public EndpointOptions options(String id) {
			return EndpointOptions.defaults();
		}

		@Override
		public Broker.Builder builder() {
			return Broker.builder().keepServing(true);
		}

		@Override
		public void registerEndpoints(Broker broker) {
			broker.registerEndpointFactory("own", new ScriptedFactory());
		}

		@Override
		public List<BrokerMonitor> monitors() {
			return List.of();
		}

		@Override
		public Duration stopWait() {
			return Duration.ZERO;
		}

	}

}
