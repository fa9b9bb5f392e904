package dev.cider.broker.spring.health;

import java.util.Objects;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.Supervised;
import dev.cider.broker.spring.autoconfigure.BrokerAutoConfiguration;
import dev.cider.broker.spring.autoconfigure.BrokerHealthContributorAutoConfiguration;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What health says of the endpoints.
 */
class BrokerHealthTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(BrokerAutoConfiguration.class, BrokerHealthContributorAutoConfiguration.class))
		.withUserConfiguration(Endpoints.class)
		.withPropertyValues("broker.restart.mode=never");

	private static Health health(ApplicationContext context) {
		Health health = context.getBean("brokerHealthIndicator", BrokerHealthIndicator.class).health();

		return Objects.requireNonNull(health);
	}

	@Test
	void servingEndpointsMakeHealthUpAndAreShownWithTheirStates() {
		this.contextRunner.run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			ScriptedFactory.awaitState(operations, "tcp", EndpointState.SERVING);
			ScriptedFactory.awaitState(operations, "udp", EndpointState.SERVING);
			assertThat(health(context).getStatus()).isEqualTo(Status.UP);
			assertThat(health(context).getDetails()).containsEntry("tcp", "SERVING")
				.containsEntry("udp", "SERVING")
				.hasSize(2);
		});
	}

	@Test
	void aDroppedEndpointMakesHealthDownUntilItIsStartedAgain() {
		this.contextRunner.run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			context.getBean("tcp", ScriptedFactory.class).crash(operations, "tcp", new IllegalStateException("boom"));
			ScriptedFactory.awaitState(operations, "tcp", EndpointState.DROPPED);
			assertThat(health(context).getStatus()).isEqualTo(Status.DOWN);
			assertThat(health(context).getDetails()).containsEntry("tcp", "DROPPED");
			operations.start("tcp");
			ScriptedFactory.awaitState(operations, "tcp", EndpointState.SERVING);
			assertThat(health(context).getStatus()).isEqualTo(Status.UP);
		});
	}

	@Test
	void finishedAndStoppedEndpointsAreNoFault() {
		this.contextRunner.run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			ScriptedFactory.awaitState(operations, "tcp", EndpointState.SERVING);
			context.getBean("tcp", ScriptedFactory.class).latest().finish();
			operations.stop("udp");
			ScriptedFactory.awaitState(operations, "tcp", EndpointState.FINISHED);
			ScriptedFactory.awaitState(operations, "udp", EndpointState.STOPPED);
			assertThat(health(context).getStatus()).isEqualTo(Status.UP);
			context.getBean(BrokerLifecycle.class).stop();
			assertThat(health(context).getStatus()).isEqualTo(Status.UP);
		});
	}

	@Test
	void aDroppedEndpointThatIsNotCriticalIsNoFault() {
		this.contextRunner.withPropertyValues("broker.endpoints.tcp.critical=false").run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			context.getBean("tcp", ScriptedFactory.class).crash(operations, "tcp", new IllegalStateException("boom"));
			ScriptedFactory.awaitState(operations, "tcp", EndpointState.DROPPED);
			assertThat(health(context).getStatus()).isEqualTo(Status.UP);
			assertThat(health(context).getDetails()).containsEntry("tcp", "DROPPED");
			context.getBean("udp", ScriptedFactory.class).crash(operations, "udp", new IllegalStateException("boom"));
			ScriptedFactory.awaitState(operations, "udp", EndpointState.DROPPED);
			assertThat(health(context).getStatus()).isEqualTo(Status.DOWN);
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
					assertThat(health(context).getStatus()).isEqualTo(id.equals("tcp") ? Status.DOWN : Status.UP);
				}
			});
	}

	@Test
	void anEndpointThatWaitsForItsRestartIsAFaultOnlyIfSoConfigured() {
		ApplicationContextRunner waiting = this.contextRunner.withPropertyValues("broker.restart.mode=on-failure",
				"broker.restart.delay=1h", "broker.restart.max-delay=1h", "broker.endpoints.udp.critical=false");
		waiting.run((context) -> {
			crashIntoBackoff(context, "tcp");
			assertThat(health(context).getStatus()).isEqualTo(Status.UP);
		});
		waiting.withPropertyValues("broker.health.down-when=not-serving").run((context) -> {
			crashIntoBackoff(context, "udp");
			ScriptedFactory.awaitState(context.getBean(BrokerOperations.class), "tcp", EndpointState.SERVING);
			assertThat(health(context).getStatus()).as("udp is not critical").isEqualTo(Status.UP);
			crashIntoBackoff(context, "tcp");
			assertThat(health(context).getStatus()).isEqualTo(Status.DOWN);
			assertThat(health(context).getDetails()).containsEntry("tcp", "BACKOFF");
			context.getBean(BrokerOperations.class).stop("tcp");
			ScriptedFactory.awaitState(context.getBean(BrokerOperations.class), "tcp", EndpointState.STOPPED);
			assertThat(health(context).getStatus()).isEqualTo(Status.UP);
		});
	}

	private static void crashIntoBackoff(ApplicationContext context, String id) {
		BrokerOperations operations = context.getBean(BrokerOperations.class);
		context.getBean(id, ScriptedFactory.class).crash(operations, id, new IllegalStateException("boom"));
		ScriptedFactory.awaitState(operations, id, EndpointState.BACKOFF);
	}

	@Test
	void healthCanBeSwitchedOff() {
		this.contextRunner.withPropertyValues("management.health.broker.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(BrokerHealthIndicator.class));
	}

	@Test
	void healthBacksOffWithoutItsLibrary() {
		this.contextRunner.withClassLoader(new FilteredClassLoader(HealthIndicator.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(BrokerLifecycle.class)
				.doesNotHaveBean("brokerHealthIndicator"));
	}

	@Test
	void healthBacksOffWithoutABroker() {
		this.contextRunner.withPropertyValues("broker.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(BrokerHealthIndicator.class));
	}

	@Test
	void healthBacksOffForOneOfTheApplication() {
		this.contextRunner.withBean("brokerHealthIndicator", HealthIndicator.class, () -> () -> Health.up().build())
			.run((context) -> assertThat(context).doesNotHaveBean(BrokerHealthIndicator.class));
	}

	@Configuration(proxyBeanMethods = false)
	static class Endpoints {

		@Bean
		@Supervised
		ScriptedFactory tcp() {
			return new ScriptedFactory();
		}

		@Bean
		@Supervised
		ScriptedFactory udp() {
			return new ScriptedFactory();
		}

	}

}
