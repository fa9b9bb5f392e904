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
