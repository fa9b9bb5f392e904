package app;

import java.time.Duration;
import java.util.Map;
import javax.management.MBeanServer;
import javax.management.ObjectName;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.Supervised;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.annotation.Bean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * An application with the actuator and without a web server.
 */
class WithoutWebTests {

	@Test
	void healthMetersAndJmxWorkWithoutAWebServer() throws Exception {
		try (var context = SpringApplication.run(App.class, "--spring.jmx.enabled=true",
				"--management.endpoints.jmx.exposure.include=broker")) {
			var broker = context.getBean(BrokerOperations.class);
			Awaitility.await().atMost(Duration.ofMinutes(4)).until(() -> broker.endpoint("feed").state() == EndpointState.SERVING);
			assertThat(context.getBean("brokerHealthContributor", CompositeHealthContributor.class).getContributor("feed"))
				.isInstanceOfSatisfying(HealthIndicator.class,
						(feed) -> assertThat(feed.health().getStatus()).isEqualTo(Status.UP));
			assertThat(context.getBean(MeterRegistry.class).get("broker.endpoint.starts").functionCounter().count())
				.isEqualTo(1);
			Object all = context.getBean(MBeanServer.class).invoke(
					new ObjectName("org.springframework.boot:type=Endpoint,name=Broker"), "broker", new Object[0], new String[0]);
			assertThat(all).asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
				.containsEntry("state", "SERVING")
				.extractingByKey("endpoints")
				.isInstanceOf(Map.class);
		}
	}

	@Test
	void theJarsAreReallyAbsent() {
		for (String absent : new String[] { "jakarta.servlet.Servlet", "org.springframework.web.client.RestClient",
				"org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration" }) {
			assertThatExceptionOfType(ClassNotFoundException.class).isThrownBy(() -> Class.forName(absent));
		}
	}

	@SpringBootApplication
	static class App {

		@Bean
		MeterRegistry registry() {
			return new SimpleMeterRegistry();
		}

		@Bean
		@Supervised
		EndpointFactory feed() {
			return () -> new Feed(false);
		}

	}

}
