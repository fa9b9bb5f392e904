package dev.cider.broker.spring.autoconfigure;

import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.actuate.BrokerEndpoint;
import dev.cider.broker.spring.actuate.BrokerEndpointWebExtension;
import dev.cider.broker.spring.actuate.BrokerPageEndpoint;
import org.junit.jupiter.api.Test;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * When there are actuator endpoints.
 */
class BrokerEndpointAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(BrokerAutoConfiguration.class, BrokerEndpointAutoConfiguration.class,
				BrokerPageEndpointAutoConfiguration.class));

	@Test
	void theEndpointIsThereWhenExposed() {
		this.contextRunner.withPropertyValues("management.endpoints.web.exposure.include=broker")
			.run((context) -> assertThat(context).hasSingleBean(BrokerEndpoint.class)
				.hasSingleBean(BrokerEndpointWebExtension.class));
	}

	@Test
	void theEndpointIsNotThereUnlessExposed() {
		this.contextRunner.run((context) -> assertThat(context).doesNotHaveBean(BrokerEndpoint.class)
			.doesNotHaveBean(BrokerEndpointWebExtension.class));
	}

	@Test
	void theEndpointIsNotThereWithoutAccess() {
		this.contextRunner
			.withPropertyValues("management.endpoints.web.exposure.include=broker",
					"management.endpoint.broker.access=NONE")
			.run((context) -> assertThat(context).doesNotHaveBean(BrokerEndpoint.class));
	}

	@Test
	void exposedOverJmxOnlyThereIsNoWebExtension() {
		this.contextRunner
			.withPropertyValues("spring.jmx.enabled=true", "management.endpoints.jmx.exposure.include=broker")
			.run((context) -> assertThat(context).hasSingleBean(BrokerEndpoint.class)
				.doesNotHaveBean(BrokerEndpointWebExtension.class));
	}

	@Test
	void theEndpointBacksOffWithoutActuator() {
		this.contextRunner.withPropertyValues("management.endpoints.web.exposure.include=broker")
			.withClassLoader(new FilteredClassLoader(ConditionalOnAvailableEndpoint.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(BrokerLifecycle.class)
				.doesNotHaveBean(BrokerEndpoint.class));
	}

	@Test
	void theEndpointBacksOffWithoutABroker() {
		this.contextRunner
			.withPropertyValues("management.endpoints.web.exposure.include=broker", "broker.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(BrokerEndpoint.class));
	}

	@Test
	void theEndpointBacksOffForOneOfTheApplication() {
		this.contextRunner.withPropertyValues("management.endpoints.web.exposure.include=broker")
			.withUserConfiguration(OwnEndpoint.class)
			.run((context) -> assertThat(context).hasSingleBean(BrokerEndpoint.class).hasBean("mine"));
	}

	@Test
	void thePageIsThereWhenExposed() {
		this.contextRunner.withPropertyValues("management.endpoints.web.exposure.include=brokerpage")
			.run((context) -> assertThat(context).hasSingleBean(BrokerPageEndpoint.class)
				.doesNotHaveBean(BrokerEndpoint.class));
	}

	@Test
	void thePageIsNotThereUnlessExposedToTheWeb() {
		this.contextRunner.run((context) -> assertThat(context).doesNotHaveBean(BrokerPageEndpoint.class));
		this.contextRunner.withPropertyValues("management.endpoints.web.exposure.include=broker")
			.run((context) -> assertThat(context).doesNotHaveBean(BrokerPageEndpoint.class));
	}

	@Test
	void thePageIsNotThereWithoutAccess() {
		this.contextRunner
			.withPropertyValues("management.endpoints.web.exposure.include=*",
					"management.endpoint.brokerpage.access=NONE")
			.run((context) -> assertThat(context).hasSingleBean(BrokerEndpoint.class)
				.doesNotHaveBean(BrokerPageEndpoint.class));
	}

	@Test
	void thePageBacksOffWithoutActuatorOrBroker() {
		this.contextRunner.withPropertyValues("management.endpoints.web.exposure.include=*")
			.withClassLoader(new FilteredClassLoader(ConditionalOnAvailableEndpoint.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(BrokerPageEndpoint.class));
		this.contextRunner.withPropertyValues("management.endpoints.web.exposure.include=*", "broker.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(BrokerPageEndpoint.class));
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnEndpoint {

		@Bean
		BrokerEndpoint mine(BrokerLifecycle lifecycle) {
			return new BrokerEndpoint(lifecycle, Show.NEVER);
		}

	}

}
