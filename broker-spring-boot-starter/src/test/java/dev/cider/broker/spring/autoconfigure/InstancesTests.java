package dev.cider.broker.spring.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointContext;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointOptions;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.EndpointOptionsCustomizer;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.Supervised;
import dev.cider.broker.spring.TestEndpoints;
import dev.cider.broker.spring.actuate.BrokerEndpoint;
import dev.cider.broker.spring.actuate.OptionsDescriptor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.test.util.TestPropertyValues.Type;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Several endpoints of one bean.
 */
class InstancesTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(BrokerAutoConfiguration.class))
		.withUserConfiguration(Workers.class);

	private static List<String> ids(AssertableApplicationContext context) {
		return context.getBean(BrokerOperations.class).endpoints().stream().map(EndpointSnapshot::id).toList();
	}

	private static EndpointOptions options(AssertableApplicationContext context, String id) {
		return context.getBean(BrokerLifecycle.class).options(id);
	}

	private static void awaitSeen(AssertableApplicationContext context, String... lines) {
		Set<String> seen = context.getBean(Workers.class).seen;
		ScriptedFactory.await(() -> seen.containsAll(Set.of(lines)));
	}

	private static void assertRefused(AssertableApplicationContext context, String description, String action) {
		assertThat(context).hasFailed();
		FailureAnalysis analysis = new InvalidBrokerPropertyFailureAnalyzer()
			.analyze(Objects.requireNonNull(context.getStartupFailure()));
		assertThat(analysis).as("analysis of " + context.getStartupFailure()).isNotNull();
		assertThat(Objects.requireNonNull(analysis).getDescription()).contains(description);
		assertThat(analysis.getAction()).contains(action);
	}

	@Test
	void withoutTheirNumberThereIsOneEndpointWithTheNameOfTheBean() {
		this.contextRunner.run((context) -> {
			assertThat(ids(context)).containsExactly("feed", "plain", "prototype", "jobs.read", "jobs.write");
			awaitSeen(context, "feed: 1 of 1", "prototype: 1 of 1", "jobs.read: 1 of 1");
		});
	}

	@Test
	void g18EveryKindOfBeanHasInstancesThatKnowTheirNumber() {
		this.contextRunner
			.withPropertyValues("broker.endpoints.feed.instances=3", "broker.endpoints.plain.instances=2",
					"broker.endpoints.prototype.instances=2", "broker.endpoints[jobs.read].instances=2")
			.run((context) -> {
				assertThat(ids(context)).containsExactly("feed-1", "feed-2", "feed-3", "plain-1", "plain-2",
						"prototype-1", "prototype-2", "jobs.read-1", "jobs.read-2", "jobs.write");
				awaitSeen(context, "feed-1: 1 of 3", "feed-2: 2 of 3", "feed-3: 3 of 3", "prototype-1: 1 of 2",
						"prototype-2: 2 of 2", "jobs.read-1: 1 of 2", "jobs.read-2: 2 of 2");
				ids(context).forEach((id) -> ScriptedFactory.awaitState(context.getBean(BrokerOperations.class), id,
						EndpointState.SERVING));
			});
	}

	@Test
	void oneInstanceIsNumberedToo() {
		this.contextRunner.withPropertyValues("broker.endpoints.feed.instances=1").run((context) -> {
			assertThat(ids(context)).contains("feed-1").doesNotContain("feed");
			awaitSeen(context, "feed-1: 1 of 1");
		});
	}

	@Test
	void anEmptyNumberIsNone() {
		this.contextRunner.withPropertyValues("broker.endpoints.feed.instances=")
			.run((context) -> assertThat(ids(context)).contains("feed").doesNotContain("feed-1"));
	}

	@Test
	void aMethodOfEachInstanceIsCalledOnItsOwn() {
		this.contextRunner.withPropertyValues("broker.endpoints[jobs.read].instances=2").run((context) -> {
			BrokerOperations broker = context.getBean(BrokerOperations.class);
			ScriptedFactory.awaitState(broker, "jobs.read-1", EndpointState.SERVING);
			ScriptedFactory.awaitState(broker, "jobs.read-2", EndpointState.SERVING);
			broker.stop("jobs.read-1");
			ScriptedFactory.awaitState(broker, "jobs.read-1", EndpointState.STOPPED);
			assertThat(broker.endpoint("jobs.read-2").state()).isEqualTo(EndpointState.SERVING);
		});
	}

	/** From the weakest to the strongest, each added to those before. */
	@Test
	void theFirstPlaceThatSetsAPropertyOfAnInstanceDecides() {
		ApplicationContextRunner runner = this.contextRunner.withPropertyValues("broker.endpoints.feed.instances=2",
				"broker.lifecycle.auto-startup=false", "broker.base-config=all",
				"broker.endpoints.feed.base-config=feeds", "broker.endpoints.feed-2.base-config=second",
				"broker.configs.unused.auto-start=true");
		List<String> places = List.of("broker.configs.all", "broker", "broker.configs.feeds", "broker.endpoints.feed",
				"broker.configs.second", "broker.endpoints.feed-2");
		// A config has to exist, if only with another setting.
		runner = runner.withPropertyValues("broker.configs.all.critical=true", "broker.configs.feeds.critical=true",
				"broker.configs.second.critical=true");
		for (int i = 0; i < places.size(); i++) {
			Duration expected = Duration.ofSeconds(1 + i);
			runner = runner.withPropertyValues(places.get(i) + ".close-timeout=" + expected.toSeconds() + "s");
			boolean forAll = i < 4;
			runner.run((context) -> {
				assertThat(options(context, "feed-2").closeTimeout()).isEqualTo(expected);
				assertThat(options(context, "feed-1").closeTimeout())
					.isEqualTo(forAll ? expected : Duration.ofSeconds(4));
			});
		}
	}

	@Test
	void allThatIsConfiguredReachesAnInstanceAndIsShown() {
		this.contextRunner
			.withPropertyValues("broker.endpoints.feed.instances=2", "broker.endpoints.feed.base-config=client",
					"broker.endpoints.feed.critical=false", "broker.endpoints.feed-2.base-config=server",
					"broker.endpoints.feed-2.on-drop=shutdown", "broker.endpoints.feed-2.auto-start=false")
			.run((context) -> {
				BrokerLifecycle broker = context.getBean(BrokerLifecycle.class);
				assertThat(options(context, "feed-1").autoStart()).isTrue();
				assertThat(options(context, "feed-2").autoStart()).isFalse();
				assertThat(broker.dropEffect("feed-1").critical()).isFalse();
				BeanFactoryBlueprint blueprint = context.getBean(BeanFactoryBlueprint.class);
				assertThat(blueprint.baseConfig("feed-1")).isEqualTo("client");
				assertThat(blueprint.baseConfig("feed-2")).isEqualTo("server");
				BrokerEndpoint actuator = new BrokerEndpoint(broker, Show.NEVER);
				assertThat(shown(actuator, "feed-2").instance()).isEqualTo(2);
				assertThat(shown(actuator, "feed-2").instances()).isEqualTo(2);
				assertThat(shown(actuator, "plain").instance()).isNull();
				assertThat(shown(actuator, "plain").instances()).isNull();
			});
	}

	private static OptionsDescriptor shown(BrokerEndpoint actuator, String id) {
		return Objects.requireNonNull(Objects.requireNonNull(actuator.endpoint(id)).options());
	}

	@Test
	void environmentVariablesSetTheNumberAndWhatOneInstanceDiffersIn() {
		this.contextRunner
			.withInitializer((context) -> TestPropertyValues
				.of("BROKER_ENDPOINTS_FEED_INSTANCES=3", "BROKER_ENDPOINTS_FEED_AUTOSTART=false",
						"BROKER_ENDPOINTS_FEED_2_AUTOSTART=true", "BROKER_ENDPOINTS_FEED3_CLOSETIMEOUT=7s",
						"BROKER_ENDPOINTS_JOBSREAD_INSTANCES=2")
				.applyTo(context.getEnvironment(), Type.SYSTEM_ENVIRONMENT))
			.run((context) -> {
				assertThat(ids(context)).startsWith("feed-1", "feed-2", "feed-3").contains("jobs.read-2");
				assertThat(Stream.of("feed-1", "feed-2", "feed-3").map((id) -> options(context, id).autoStart()))
					.containsExactly(false, true, false);
				assertThat(options(context, "feed-3").closeTimeout()).isEqualTo(Duration.ofSeconds(7));
			});
	}

	@Test
	void aCustomizerIsCalledForEachInstance() {
		this.contextRunner.withPropertyValues("broker.endpoints.feed.instances=2")
			.withBean(EndpointOptionsCustomizer.class, () -> (id, options) -> {
				if (id.equals("feed-2")) {
					options.autoStart(false);
				}
			})
			.run((context) -> {
				assertThat(options(context, "feed-1").autoStart()).isTrue();
				assertThat(options(context, "feed-2").autoStart()).isFalse();
			});
	}

	@Test
	void whoWaitsForABeanWaitsForAllItsInstances() {
		this.contextRunner
			.withPropertyValues("broker.endpoints.feed.instances=2", "broker.endpoints.plain.wait-for=endpoint/feed",
					"broker.endpoints.feed-2.auto-start=false")
			.run((context) -> {
				BrokerOperations broker = context.getBean(BrokerOperations.class);
				assertThat(options(context, "plain").gates()).containsOnlyKeys("endpoint/feed-1", "endpoint/feed-2");
				ScriptedFactory.awaitState(broker, "feed-1", EndpointState.SERVING);
				ScriptedFactory
					.await(() -> String.valueOf(broker.endpoint("plain").waitingFor()).startsWith("endpoint/feed-2"));
				broker.start("feed-2");
				ScriptedFactory.awaitState(broker, "plain", EndpointState.SERVING);
			});
	}

	@Test
	void whoWaitsForOneInstanceDoesNotWaitForTheOthers() {
		this.contextRunner
			.withPropertyValues("broker.endpoints.feed.instances=2", "broker.endpoints.plain.wait-for=endpoint/feed-1",
					"broker.endpoints.feed-2.wait-for=endpoint/feed-1")
			.run((context) -> {
				assertThat(options(context, "plain").gates()).containsOnlyKeys("endpoint/feed-1");
				assertThat(options(context, "feed-1").gates()).isEmpty();
				ScriptedFactory.awaitState(context.getBean(BrokerOperations.class), "feed-2", EndpointState.SERVING);
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "feed", "feed-1" })
	void instancesThatWaitForThemselvesAreRefused(String other) {
		this.contextRunner
			.withPropertyValues("broker.endpoints.feed.instances=2", "broker.endpoints.feed.wait-for=endpoint/" + other)
			.run((context) -> assertRefused(context, "so that none of them would ever start: feed-1 -> feed-1",
					"Remove one of them"));
	}

	@Test
	void anInstanceThatDoesNotExistCannotBeWaitedFor() {
		this.contextRunner
			.withPropertyValues("broker.endpoints.feed.instances=2", "broker.endpoints.plain.wait-for=endpoint/feed-7")
			.run((context) -> assertRefused(context, "there is no endpoint 'feed-7'; known are feed-1, feed-2, plain",
					"Write 'endpoint/feed-1' instead"));
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, -3, 10_001 })
	void anAbsurdNumberIsRefused(int number) {
		this.contextRunner.withPropertyValues("broker.endpoints.feed.instances=" + number)
			.run((context) -> assertRefused(context,
					"(originating from \"broker.endpoints.feed.instances\" from property source \"test\"): must be at "
							+ "least 1 and at most 10000",
					"Correct the value of 'broker.endpoints.feed.instances', or remove the property to get one "
							+ "endpoint 'feed'."));
	}

	@Test
	void whatIsNoNumberIsRefused() {
		this.contextRunner.withPropertyValues("broker.endpoints.feed.instances=many")
			.run((context) -> assertThat(context).getFailure()
				.hasStackTraceContaining("'broker.endpoints.feed.instances'"));
	}

	@Test
	void anInstanceThatTakesTheIdOfAnotherBeanIsRefused() {
		this.contextRunner.withBean("feed-2", EndpointFactory.class, ScriptedFactory::new, TestEndpoints.supervised())
			.withPropertyValues("broker.endpoints.feed.instances=3")
			.run((context) -> assertRefused(context,
					"the id 'feed-2' of one of the instances is the name of another bean",
					"Rename one of the beans, or lower the number."));
	}

	@Test
	void aKeyForAnInstanceThatDoesNotExistIsRefusedWithThoseThatDo() {
		this.contextRunner
			.withPropertyValues("broker.endpoints.feed.instances=4", "broker.endpoints.feed-5.auto-start=false")
			.run((context) -> assertRefused(context,
					"'broker.endpoints.feed-5.auto-start' with value 'false' (originating from \"broker.endpoints."
							+ "feed-5.auto-start\" from property source \"test\") is for an instance 'feed-5' that does "
							+ "not exist: the instances of 'feed' are 'feed-1' to 'feed-4'",
					"Write 'broker.endpoints.feed-4.auto-start' instead, or raise 'broker.endpoints.feed.instances'."));
	}

	@Test
	void aKeyForAnotherEndpointIsRefusedWithAllThatExist() {
		this.contextRunner
			.withPropertyValues("broker.endpoints.feed.instances=4", "broker.endpoints.fed.auto-start=false")
			.run((context) -> assertRefused(context,
					"known ids are 'feed' with the instances 'feed-1' to 'feed-4', 'plain', 'prototype', 'jobs.read', "
							+ "'jobs.write'. Did you mean 'feed'?",
					"Write 'broker.endpoints.feed.auto-start' instead"));
	}

	@Test
	void anInstanceHasNoInstances() {
		this.contextRunner
			.withPropertyValues("broker.endpoints.feed.instances=4", "broker.endpoints.feed-2.instances=2")
			.run((context) -> assertRefused(context,
					"is for 'feed-2', which is itself one of the 4 instances of 'feed'",
					"Write 'broker.endpoints.feed.instances' instead, or remove the property."));
	}

	@ParameterizedTest
	@ValueSource(strings = { "broker.instances", "broker.configs.worker.instances" })
	void theNumberCannotBeShared(String key) {
		this.contextRunner.withPropertyValues(key + "=2")
			.run((context) -> assertRefused(context,
					"is no setting that endpoints can share: each bean has a number of instances of its own",
					"Write 'broker.endpoints.<id>.instances' for each bean that shall have instances"));
	}

	@Test
	void anAbsentBeanHasNoInstances() {
		this.contextRunner.withUserConfiguration(Absent.class)
			.withPropertyValues("broker.endpoints.absent.instances=2")
			.run((context) -> assertThat(ids(context)).contains("feed").doesNotContain("absent", "absent-1"));
	}

	@Test
	void theInstancesAreThereAgainAfterAPause() {
		this.contextRunner.withPropertyValues("broker.endpoints.feed.instances=2").run((context) -> {
			BrokerLifecycle broker = context.getBean(BrokerLifecycle.class);
			ScriptedFactory.awaitState(broker, "feed-2", EndpointState.SERVING);
			broker.stop();
			broker.start();
			ScriptedFactory.awaitState(broker, "feed-2", EndpointState.SERVING);
			assertThat(broker.endpoint("feed-2").incarnation()).isEqualTo(2);
		});
	}

	@Configuration(proxyBeanMethods = false)
	static class Workers {

		final Set<String> seen = ConcurrentHashMap.newKeySet();

		private Endpoint worker(@Nullable EndpointContext context) {
			return Endpoint.interruptible(() -> {
				if (context != null) {
					see(context);
				}
				Thread.currentThread().join();
			});
		}

		void see(EndpointContext context) {
			this.seen.add(context.id() + ": " + context.instance() + " of " + context.instances());
		}

		@Bean
		@Supervised
		ContextualEndpointFactory feed() {
			return this::worker;
		}

		@Bean
		@Supervised
		EndpointFactory plain() {
			return () -> worker(null);
		}

		@Bean
		@Supervised
		@Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
		Endpoint prototype(EndpointContext context) {
			return worker(context);
		}

		@Bean
		Jobs jobs() {
			return new Jobs(this);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Absent {

		@Bean
		@Supervised
		@Nullable EndpointFactory absent() {
			return null;
		}

	}

	static class Jobs {

		private final Workers workers;

		Jobs(Workers workers) {
			this.workers = workers;
		}

		@Supervised
		void read(EndpointContext context) throws InterruptedException {
			this.workers.see(context);
			Thread.currentThread().join();
		}

		@Supervised
		void write() throws InterruptedException {
			Thread.currentThread().join();
		}

	}

}
