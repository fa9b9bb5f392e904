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
import org.springframework.boot.web.server.reactive.context.ReactiveWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A reactive application.
 */
class WebFluxTests {

	@Test
	void theEndpointAnswersAsOnAServletServer() throws Exception {
		try (ConfigurableApplicationContext context = SpringApplication.run(App.class, "--server.port=0",
				"--server.address=127.0.0.1", "--management.endpoints.web.exposure.include=broker,brokerpage,health",
				"--management.endpoint.broker.access=unrestricted", "--management.endpoint.health.show-details=always",
				"--management.endpoint.health.group.readiness.include=readinessState,broker/feed")) {
			assertThat(context).isInstanceOf(ReactiveWebServerApplicationContext.class);
			var broker = context.getBean(BrokerOperations.class);
			await(broker, EndpointState.SERVING);
			var http = new Http(context.getEnvironment().getProperty("local.server.port"));
			assertThat(http.get("broker").body()).contains("\"feed\":{\"state\":\"SERVING\"");
			assertThat(http.get("broker/feed").body()).contains("\"history\":[]");
			assertThat(http.get("broker/none").statusCode()).isEqualTo(404);
			assertThat(http.get("health").body()).contains("\"status\":\"UP\"");
			assertThat(http.get("health/broker/feed").body()).contains("\"status\":\"UP\"", "\"state\":\"SERVING\"");
			assertThat(http.get("health/readiness").statusCode()).isEqualTo(200);
			assertThat(http.get("broker?state=SERVING&limit=0").body()).contains("\"omitted\":1");
			assertThat(http.get("brokerpage", "text/html").headers().firstValue("Content-Type")).contains("text/html;charset=UTF-8");
			assertThat(http.get("brokerpage", "text/html").body()).contains("data-broker=\"broker\"", "data-access=\"UNRESTRICTED\"",
					"src=\"brokerpage/page.js\"");
			assertThat(http.get("brokerpage/page.js", "*/*").headers().firstValue("Content-Type"))
				.contains("text/javascript;charset=UTF-8");
			assertThat(http.get("brokerpage/none", "*/*").statusCode()).isEqualTo(404);
			assertThat(http.post("broker/feed", "{\"action\":\"start\"}").statusCode()).isEqualTo(409);
			assertThat(http.post("broker/feed", "{\"action\":\"explode\"}").statusCode()).isEqualTo(400);
			assertThat(http.post("broker/feed", "{\"action\":\"stop\"}").statusCode()).isEqualTo(200);
			await(broker, EndpointState.STOPPED);
		}
	}

	private static void await(BrokerOperations broker, EndpointState state) {
		Awaitility.await().atMost(Duration.ofMinutes(4)).until(() -> broker.endpoint("feed").state() == state);
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
