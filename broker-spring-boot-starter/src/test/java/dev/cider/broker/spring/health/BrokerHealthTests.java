package dev.cider.broker.spring.health;

import java.util.Map;
import java.util.Objects;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointOptions;
import dev.cider.broker.EndpointState;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.TestEndpoints;
import dev.cider.broker.spring.autoconfigure.BrokerAutoConfiguration;
import dev.cider.broker.spring.autoconfigure.BrokerHealthContributorAutoConfiguration;
import org.junit.jupiter.api.Test;

import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.actuate.endpoint.CompositeHealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.actuate.endpoint.IndicatedHealthDescriptor;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What health says of the endpoints.
 */
class BrokerHealthTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(BrokerAutoConfiguration.class,
				BrokerHealthContributorAutoConfiguration.class, HealthContributorRegistryAutoConfiguration.class,
				HealthContributorAutoConfiguration.class, HealthEndpointAutoConfiguration.class))
		.withUserConfiguration(TestEndpoints.TcpAndUdp.class)
		.withPropertyValues("broker.restart.mode=never");

	/** As it is shown at a path below {@code /actuator/health}. */
	private static HealthDescriptor health(ApplicationContext context, String... path) {
		return Objects.requireNonNull(context.getBean(HealthEndpoint.class).healthForPath(path));
	}

	private static Status status(ApplicationContext context, String... path) {
		return health(context, path).getStatus();
	}

	/** The endpoints as parts of the whole. */
	private static Map<String, HealthDescriptor> parts(ApplicationContext context) {
		return Objects.requireNonNull(((CompositeHealthDescriptor) health(context, "broker")).getComponents());
	}

	private static Map<String, Object> details(HealthDescriptor endpoint) {
		return Objects.requireNonNull(((IndicatedHealthDescriptor) endpoint).getDetails());
	}

	@Test
	void anAddedEndpointHasAContributorUntilItIsRemoved() {
		this.contextRunner.run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			operations.add("tenant", () -> {
				throw new IllegalStateException("no instance");
			}, EndpointOptions.builder()
				.restartPolicy(RestartPolicy.builder().mode(RestartMode.NEVER).build())
				.build());
			ScriptedFactory.awaitState(operations, "tenant", EndpointState.DROPPED);
			assertThat(parts(context)).containsOnlyKeys("tcp", "udp", "tenant");
			assertThat(status(context, "broker", "tenant")).isEqualTo(Status.DOWN);
			assertThat(status(context, "broker")).isEqualTo(Status.DOWN);
			operations.remove("tenant").join();
			assertThat(parts(context)).containsOnlyKeys("tcp", "udp");
			assertThat(context.getBean(HealthEndpoint.class).healthForPath("broker", "tenant")).isNull();
			assertThat(status(context, "broker")).isEqualTo(Status.UP);
		});
	}

	@Test
	void servingEndpointsMakeHealthUpAndAreShownWithTheirStates() {
		this.contextRunner.run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			ScriptedFactory.awaitState(operations, "tcp", EndpointState.SERVING);
			ScriptedFactory.awaitState(operations, "udp", EndpointState.SERVING);
			assertThat(status(context, "broker")).isEqualTo(Status.UP);
			assertThat(parts(context)).containsOnlyKeys("tcp", "udp");
			for (String id : new String[] { "tcp", "udp" }) {
				assertThat(details(parts(context).get(id)))
					.containsExactlyInAnyOrderEntriesOf(Map.of("state", "SERVING", "critical", true));
				assertThat(details(health(context, "broker", id))).isEqualTo(details(parts(context).get(id)));
				assertThat(status(context, "broker", id)).isEqualTo(Status.UP);
			}
		});
	}

	@Test
	void aDroppedEndpointMakesHealthDownUntilItIsStartedAgain() {
		this.contextRunner.run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			context.getBean("tcp", ScriptedFactory.class).crash(operations, "tcp", new IllegalStateException("boom"));
			ScriptedFactory.awaitState(operations, "tcp", EndpointState.DROPPED);
			assertThat(status(context, "broker")).isEqualTo(Status.DOWN);
			assertThat(details(parts(context).get("tcp"))).containsEntry("state", "DROPPED");
			operations.start("tcp");
			ScriptedFactory.awaitState(operations, "tcp", EndpointState.SERVING);
			assertThat(status(context, "broker")).isEqualTo(Status.UP);
		});
	}

	@Test
	void finishedAndStoppedEndpointsLeaveHealthUp() {
		this.contextRunner.run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			ScriptedFactory.awaitState(operations, "tcp", EndpointState.SERVING);
			context.getBean("tcp", ScriptedFactory.class).latest().finish();
			operations.stop("udp");
			ScriptedFactory.awaitState(operations, "tcp", EndpointState.FINISHED);
			ScriptedFactory.awaitState(operations, "udp", EndpointState.STOPPED);
			assertThat(status(context, "broker")).isEqualTo(Status.UP);
			context.getBean(BrokerLifecycle.class).stop();
			assertThat(status(context, "broker")).isEqualTo(Status.UP);
		});
	}

	@Test
	void aDroppedEndpointThatIsNotCriticalLeavesHealthUp() {
		this.contextRunner
			.withPropertyValues("broker.endpoints.tcp.critical=false",
					"management.endpoint.health.group.readiness.include=broker/tcp")
			.run((context) -> {
				BrokerOperations operations = context.getBean(BrokerOperations.class);
				context.getBean("tcp", ScriptedFactory.class)
					.crash(operations, "tcp", new IllegalStateException("boom"));
				ScriptedFactory.awaitState(operations, "tcp", EndpointState.DROPPED);
				assertThat(status(context, "broker")).isEqualTo(Status.UP);
				assertThat(details(parts(context).get("tcp"))).containsEntry("state", "DROPPED");
				assertThat(details(parts(context).get("tcp"))).containsEntry("critical", false);
				assertThat(status(context, "readiness")).as("as a part of a group").isEqualTo(Status.UP);
				assertThat(status(context, "broker", "tcp")).as("by itself").isEqualTo(Status.DOWN);
				context.getBean("udp", ScriptedFactory.class)
					.crash(operations, "udp", new IllegalStateException("boom"));
				ScriptedFactory.awaitState(operations, "udp", EndpointState.DROPPED);
				assertThat(status(context, "broker")).isEqualTo(Status.DOWN);
			});
	}

	@Test
	void anEndpointMayBeCriticalWhereTheOthersAreNot() {
		this.contextRunner.withPropertyValues("broker.critical=false", "broker.endpoints.tcp.critical=true")
			.run((context) -> {
				BrokerOperations operations = context.getBean(BrokerOperations.class);
				for (String id : new String[] { "udp", "tcp" }) {
					context.getBean(id, ScriptedFactory.class).crash(operations, id, new IllegalStateException("boom"));
					ScriptedFactory.awaitState(operations, id, EndpointState.DROPPED);
					assertThat(status(context, "broker")).isEqualTo(id.equals("tcp") ? Status.DOWN : Status.UP);
				}
			});
	}

	@Test
	void anEndpointThatWaitsForItsRestartMakesHealthDownOnlyIfSoConfigured() {
		ApplicationContextRunner waiting = this.contextRunner.withPropertyValues("broker.restart.mode=on-failure",
				"broker.restart.delay=1h", "broker.restart.max-delay=1h", "broker.endpoints.udp.critical=false");
		waiting.run((context) -> {
			crashIntoBackoff(context, "tcp");
			assertThat(status(context, "broker")).isEqualTo(Status.UP);
		});
		waiting.withPropertyValues("broker.health.down-when=not-serving").run((context) -> {
			crashIntoBackoff(context, "udp");
			ScriptedFactory.awaitState(context.getBean(BrokerOperations.class), "tcp", EndpointState.SERVING);
			assertThat(status(context, "broker")).as("udp is not critical").isEqualTo(Status.UP);
			crashIntoBackoff(context, "tcp");
			assertThat(status(context, "broker")).isEqualTo(Status.DOWN);
			assertThat(details(parts(context).get("tcp"))).containsEntry("state", "BACKOFF");
			context.getBean(BrokerOperations.class).stop("tcp");
			ScriptedFactory.awaitState(context.getBean(BrokerOperations.class), "tcp", EndpointState.STOPPED);
			assertThat(status(context, "broker")).isEqualTo(Status.UP);
		});
	}

	@Test
	void oneEndpointMayMakeHealthDownWhileItWaitsForItsRestartAndAnotherMayNot() {
		this.contextRunner
			.withPropertyValues("broker.restart.mode=on-failure", "broker.restart.delay=1h",
					"broker.restart.max-delay=1h", "broker.endpoints.tcp.health.down-when=not-serving")
			.run(BrokerHealthTests::assertThatOnlyTcpMakesHealthDownInBackoff);
	}

	@Test
	void anEndpointWithTheConfigOfClientsMakesHealthDownWhileItDoesNotServe() {
		this.contextRunner
			.withPropertyValues("broker.restart.mode=on-failure", "broker.restart.delay=1h",
					"broker.restart.max-delay=1h", "broker.configs.client.restart.max-delay=1h",
					"broker.endpoints.tcp.base-config=client")
			.run(BrokerHealthTests::assertThatOnlyTcpMakesHealthDownInBackoff);
	}

	private static void assertThatOnlyTcpMakesHealthDownInBackoff(ApplicationContext context) {
		BrokerOperations operations = context.getBean(BrokerOperations.class);
		ScriptedFactory.awaitState(operations, "tcp", EndpointState.SERVING);
		crashIntoBackoff(context, "udp");
		assertThat(status(context, "broker")).as("while udp waits").isEqualTo(Status.UP);
		crashIntoBackoff(context, "tcp");
		assertThat(status(context, "broker")).as("while tcp waits").isEqualTo(Status.DOWN);
		assertThat(status(context, "broker", "tcp")).isEqualTo(Status.DOWN);
		operations.restart("tcp");
		ScriptedFactory.awaitState(operations, "tcp", EndpointState.SERVING);
		assertThat(status(context, "broker")).as("when tcp serves again").isEqualTo(Status.UP);
	}

	private static void crashIntoBackoff(ApplicationContext context, String id) {
		BrokerOperations operations = context.getBean(BrokerOperations.class);
		context.getBean(id, ScriptedFactory.class).crash(operations, id, new IllegalStateException("boom"));
		ScriptedFactory.awaitState(operations, id, EndpointState.BACKOFF);
	}

	@Test
	void aGroupFollowsTheEndpointsThatItIncludesAndNoOthers() {
		this.contextRunner.withPropertyValues("management.endpoint.health.group.readiness.include=broker/tcp")
			.run((context) -> {
				BrokerOperations operations = context.getBean(BrokerOperations.class);
				for (String id : new String[] { "udp", "tcp" }) {
					assertThat(status(context, "readiness")).isEqualTo(Status.UP);
					context.getBean(id, ScriptedFactory.class).crash(operations, id, new IllegalStateException("boom"));
					ScriptedFactory.awaitState(operations, id, EndpointState.DROPPED);
					assertThat(status(context, "broker")).isEqualTo(Status.DOWN);
				}
				assertThat(status(context, "readiness")).isEqualTo(Status.DOWN);
			});
	}

	@Test
	void aGroupThatIncludesAnEndpointThatDoesNotExistFailsTheStart() {
		this.contextRunner.withPropertyValues("management.endpoint.health.group.readiness.include=broker/tpc")
			.run((context) -> assertThat(context).getFailure()
				.hasMessageContaining("Health contributor 'broker/tpc' defined in")
				.hasMessageContaining("does not exist"));
	}

	@Test
	void healthKnowsTheEndpointsWithoutMakingTheirBeans() {
		this.contextRunner
			.withPropertyValues("broker.lifecycle.auto-startup=false", "spring.main.lazy-initialization=true",
					"management.endpoint.health.group.readiness.include=broker/tcp")
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(BrokerHealthContributor.class).getContributor("tcp")).isNotNull();
				assertThat(context.getBean(BrokerHealthContributor.class).getContributor("none")).isNull();
				assertThat(context.getBeanFactory().containsSingleton("tcp")).isFalse();
			});
	}

	@Test
	void healthCanBeSwitchedOff() {
		this.contextRunner.withPropertyValues("management.health.broker.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(BrokerHealthContributor.class));
	}

	@Test
	void healthBacksOffWithoutItsLibrary() {
		this.contextRunner.withClassLoader(new FilteredClassLoader(HealthIndicator.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(BrokerLifecycle.class)
				.doesNotHaveBean("brokerHealthContributor"));
	}

	@Test
	void healthBacksOffWithoutABroker() {
		this.contextRunner.withPropertyValues("broker.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(BrokerHealthContributor.class));
	}

	@Test
	void healthBacksOffForOneOfTheApplication() {
		this.contextRunner.withBean("brokerHealthIndicator", HealthIndicator.class, () -> () -> Health.up().build())
			.run((context) -> assertThat(context).doesNotHaveBean(BrokerHealthContributor.class));
	}

}
