package dev.cider.broker.spring.actuate;

import java.util.Map;

import javax.management.MBeanServer;
import javax.management.ObjectName;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.ScriptedFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * The same operations over JMX.
 */
class BrokerEndpointJmxTests {

	private static final String[] ID = { String.class.getName() };

	private static final String[] ID_AND_ACTION = { String.class.getName(), String.class.getName() };

	private static ConfigurableApplicationContext run(String... properties) {
		return new SpringApplicationBuilder(BrokerApplication.class).web(WebApplicationType.NONE)
			.properties("spring.jmx.enabled=true", "management.endpoints.jmx.exposure.include=broker",
					"broker.restart.mode=never")
			.properties(properties)
			.run();
	}

	private static Object invoke(ConfigurableApplicationContext context, String operation, String[] signature,
			Object... arguments) throws Exception {
		return context.getBean(MBeanServer.class)
			.invoke(new ObjectName("org.springframework.boot:type=Endpoint,name=Broker"), operation, arguments,
					signature);
	}

	@Test
	void endpointsAreSeenAndOperated() throws Exception {
		try (ConfigurableApplicationContext context = run("management.endpoint.broker.access=unrestricted")) {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			ScriptedFactory.awaitState(operations, "tcp", EndpointState.SERVING);
			ScriptedFactory.awaitState(operations, "idle", EndpointState.SERVING);
			assertThat(invoke(context, "broker", new String[0])).asString()
				.contains("states={SERVING=2}", "tcp", "SERVING");
			assertThat(invoke(context, "endpoint", ID, "tcp")).isInstanceOf(Map.class);
			assertThat(invoke(context, "endpoint", ID, "udp")).isNull();
			assertThat(invoke(context, "operate", ID_AND_ACTION, "tcp", "stop")).isInstanceOf(Map.class);
			ScriptedFactory.awaitState(operations, "tcp", EndpointState.STOPPED);
			assertThatException().isThrownBy(() -> invoke(context, "operate", ID_AND_ACTION, "tcp", "explode"))
				.havingRootCause()
				.withMessageContaining("'explode'");
		}
	}

	@Test
	void writesAreNotThereUnlessConfigured() {
		try (ConfigurableApplicationContext context = run()) {
			assertThatException().isThrownBy(() -> invoke(context, "operate", ID_AND_ACTION, "tcp", "stop"));
		}
	}

	@ParameterizedTest
	@CsvSource({ "never, ******", "when-authorized, ******", "always, boom" })
	void nobodyIsAuthorizedOverJmx(String showValues, String message) throws Exception {
		try (ConfigurableApplicationContext context = run("management.endpoint.broker.show-values=" + showValues)) {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			context.getBean("tcp", ScriptedFactory.class).crash(operations, "tcp", new IllegalStateException("boom"));
			assertThat(invoke(context, "endpoint", ID, "tcp")).asString().contains("message=" + message);
		}
	}

}
