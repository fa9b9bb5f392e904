package app;

import java.time.Duration;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.Supervised;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A web application with the actuator and without meters.
 */
class WithoutMicrometerTests {

	@Test
	void theEndpointAndHealthWorkWithoutMeters() throws Exception {
		try (var context = SpringApplication.run(App.class, "--server.port=0", "--server.address=127.0.0.1",
				"--management.endpoints.web.exposure.include=broker,health")) {
			var broker = context.getBean(BrokerOperations.class);
			Awaitility.await().atMost(Duration.ofMinutes(4)).until(() -> broker.endpoint("feed").state() == EndpointState.SERVING);
			var http = new Http(context.getEnvironment().getProperty("local.server.port"));
			assertThat(http.get("broker").body()).contains("\"feed\":{\"state\":\"SERVING\"");
			assertThat(http.get("health").body()).contains("\"status\":\"UP\"");
		}
	}

	@Test
	void theJarIsReallyAbsent() {
		assertThatExceptionOfType(ClassNotFoundException.class)
			.isThrownBy(() -> Class.forName("io.micrometer.core.instrument.MeterRegistry"));
	}

	@SpringBootApplication
	static class App {

		@Bean
		@Supervised
		EndpointFactory feed() {
			return () -> new Feed(false);
		}

	}

}
