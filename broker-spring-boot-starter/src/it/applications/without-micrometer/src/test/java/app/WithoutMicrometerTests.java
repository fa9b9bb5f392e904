package app;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.Endpoint;
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
			Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> broker.endpoint("feed").state() == EndpointState.SERVING);
			String actuator = "http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port") + "/actuator/";
			assertThat(get(actuator + "broker")).contains("\"feed\":{\"state\":\"SERVING\"");
			assertThat(get(actuator + "health")).contains("\"status\":\"UP\"");
		}
	}

	@Test
	void theJarIsReallyAbsent() {
		assertThatExceptionOfType(ClassNotFoundException.class)
			.isThrownBy(() -> Class.forName("io.micrometer.core.instrument.MeterRegistry"));
	}

	private static String get(String uri) throws Exception {
		var request = HttpRequest.newBuilder(URI.create(uri)).header("Accept", "application/json").build();
		return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
	}

	@SpringBootApplication
	static class App {

		@Bean
		@Supervised
		EndpointFactory feed() {
			return () -> new Feed(new CountDownLatch(1));
		}

	}

	record Feed(CountDownLatch closed) implements Endpoint {

		@Override
		public void listenAndServe() throws Exception {
			this.closed.await();
		}

		@Override
		public void close() {
			this.closed.countDown();
		}

	}

}
