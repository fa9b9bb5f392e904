package dev.cider.broker.spring.actuate;

import java.util.Map;

import dev.cider.broker.Broker;
import dev.cider.broker.BrokerOperations;
import dev.cider.broker.BrokerState;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.TestEndpoints;
import dev.cider.broker.spring.autoconfigure.BrokerAutoConfiguration;
import dev.cider.broker.spring.autoconfigure.BrokerInfoContributorAutoConfiguration;
import org.junit.jupiter.api.Test;

import org.springframework.boot.actuate.autoconfigure.info.ConditionalOnEnabledInfoContributor;
import org.springframework.boot.actuate.info.Info;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What {@code /actuator/info} shows, and that it does so only if it is told to.
 */
class BrokerInfoContributorTests {

	private static final String BEAN = "dev.cider.broker.spring.actuate.BrokerInfoContributor";

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(BrokerAutoConfiguration.class, BrokerInfoContributorAutoConfiguration.class))
		.withUserConfiguration(TestEndpoints.Tcp.class);

	@Test
	void theInfoHasVersionStateAndCountsIfEnabled() {
		this.contextRunner.withPropertyValues("management.info.broker.enabled=true").run((context) -> {
			ScriptedFactory.awaitState(context.getBean(BrokerOperations.class), "tcp", EndpointState.SERVING);
			Info.Builder builder = new Info.Builder();
			context.getBean(BrokerInfoContributor.class).contribute(builder);
			assertThat(builder.build().getDetails()).isEqualTo(Map.of("broker", Map.of("version", Broker.version(),
					"state", BrokerState.SERVING, "states", Map.of(EndpointState.SERVING, 1L))));
		});
	}

	@Test
	void itIsOffByDefaultAndNotEnabledWithTheOthers() {
		this.contextRunner.run((context) -> assertThat(context).doesNotHaveBean(BEAN));
		this.contextRunner.withPropertyValues("management.info.defaults.enabled=true")
			.run((context) -> assertThat(context).doesNotHaveBean(BEAN));
	}

	@Test
	void withoutTheActuatorThereIsNone() {
		this.contextRunner.withPropertyValues("management.info.broker.enabled=true")
			.withClassLoader(new FilteredClassLoader(ConditionalOnEnabledInfoContributor.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(BEAN));
	}

}
