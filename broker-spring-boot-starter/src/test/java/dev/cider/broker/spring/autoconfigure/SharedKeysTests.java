package dev.cider.broker.spring.autoconfigure;

import java.util.Map;
import java.util.Objects;

import dev.cider.broker.spring.TestEndpoints;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which keys below {@code broker} are refused as misspelt, and which are left to the
 * application.
 */
class SharedKeysTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(BrokerAutoConfiguration.class))
		.withUserConfiguration(TestEndpoints.TcpAndUdp.class)
		.withPropertyValues("broker.lifecycle.auto-startup=false");

	private ApplicationContextRunner withVariable(String name, String value) {
		return this.contextRunner.withInitializer((context) -> context.getEnvironment()
			.getPropertySources()
			.addFirst(new SystemEnvironmentPropertySource("test-systemEnvironment", Map.of(name, value))));
	}

	private static FailureAnalysis analysis(AssertableApplicationContext context) {
		assertThat(context).hasFailed();
		return Objects.requireNonNull(new InvalidBrokerPropertyFailureAnalyzer()
			.analyze(Objects.requireNonNull(context.getStartupFailure())));
	}

	@ParameterizedTest
	@CsvSource({ "broker.close-timeuot, close-timeout", "broker.restart.max-dealy, restart.max-delay",
			"broker.restrat.max-delay, restart.max-delay", "broker.history-sise, history-size",
			"broker.lifecycle.fase, lifecycle.phase", "broker.health.downwhne, health.down-when",
			"broker.close.timeout, close-timeout", "broker.metrics.perendpont, metrics.per-endpoint",
			"broker.endpoint.tcp.auto-start, endpoints.tcp.auto-start",
			"broker.config.slow.restart.delay, configs.slow.restart.delay" })
	void aMisspeltKeyIsRefusedWithTheNearestName(String key, String meant) {
		this.contextRunner.withPropertyValues(key + "=5s").run((context) -> {
			FailureAnalysis analysis = analysis(context);
			assertThat(analysis.getDescription()).startsWith("Configuration property '" + key + "' with value '5s'")
				.contains("is no setting of the broker. Known settings are restart.mode, ")
				.endsWith("Did you mean '" + meant + "'?");
			assertThat(analysis.getAction())
				.startsWith("Write 'broker." + meant + "' instead, or remove the property. If it is a property of your"
						+ " own application, give it a name that does not begin with 'broker.");
		});
	}

	@Test
	void anUnknownKeyInASectionOfTheBrokerIsRefused() {
		this.contextRunner.withPropertyValues("broker.restart.xyz=5").run((context) -> {
			assertThat(analysis(context).getDescription()).contains("'broker.restart.xyz' with value '5'");
			assertThat(analysis(context).getAction()).startsWith("Remove the property, or write one of the known");
		});
	}

	@ParameterizedTest
	@CsvSource({ "BROKER_CLOSETIMEUOT, BROKER_CLOSETIMEOUT", "BROKER_RESTART_MAX_DEALY, BROKER_RESTART_MAXDELAY" })
	void aMisspeltVariableIsRefusedInItsSpelling(String variable, String meant) {
		withVariable(variable, "5s").run((context) -> assertThat(analysis(context).getAction())
			.startsWith("Write '" + meant + "' instead, or remove the property."));
	}

	/** They are other names, and no key of the broker begins like them. */
	@ParameterizedTest
	@ValueSource(strings = { "broker.url", "broker.host", "broker.port", "broker.id", "broker.endpoint",
			"broker.endpoint.url", "broker.config", "broker.config.file", "broker.username", "broker.stop-timeout",
			"broker.connect-timeout", "broker.timeout", "broker.kafka.topics[0]", "broker.service-name",
			"brokers.restart.max-dealy" })
	void anApplicationMayHaveKeysOfItsOwnBelowBroker(String key) {
		this.contextRunner.withPropertyValues(key + "=mine").run((context) -> assertThat(context).hasNotFailed());
	}

	@ParameterizedTest
	@ValueSource(strings = { "broker.restart.fatal-exceptions[0]=java.net.BindException", "broker.restart.maxDelay=30s",
			"broker.CloseTimeout=5s", "broker.restart=", "broker.metrics.per-endpoint=auto", "broker.enabled=true" })
	void aKnownKeyIsAcceptedInEachSpellingOfSpringBoot(String property) {
		this.contextRunner.withPropertyValues(property).run((context) -> assertThat(context).hasNotFailed());
	}

	@ParameterizedTest
	@CsvSource({ "BROKER_CLOSE_TIMEOUT, 5s", "BROKER_RESTART_MAXDELAY, 30s", "BROKER_RESTART_MAX_DELAY, 30s",
			"BROKER_HOME, /opt", "BROKER_PORT, tcp://10.0.0.1:1883", "BROKER_PORT_1883_TCP_PROTO, tcp",
			"BROKER_HEALTH_SERVICE_HOST, 10.0.0.1", "BROKER_HEALTH_PORT_80_TCP_ADDR, 10.0.0.1" })
	void aVariableOfTheBrokerOrOfAPlatformIsAccepted(String variable, String value) {
		withVariable(variable, value).run((context) -> assertThat(context).hasNotFailed());
	}

}
