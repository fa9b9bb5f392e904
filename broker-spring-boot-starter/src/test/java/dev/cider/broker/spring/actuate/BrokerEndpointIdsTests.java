package dev.cider.broker.spring.actuate;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.Supervised;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever the name of its bean, an endpoint can be seen and operated over HTTP.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT, properties = { "server.address=127.0.0.1",
		"management.endpoints.web.exposure.include=broker", "management.endpoint.broker.access=unrestricted" })
class BrokerEndpointIdsTests {

	@LocalServerPort
	private int port;

	@Autowired
	private BrokerOperations operations;

	@ParameterizedTest
	@ValueSource(strings = { "com.example.Feed#0", "price feed", "a?b+c&d=e:f,g", "日本", "[a]{b}", "...", "*" })
	void anIdIsSeenAndOperated(String id) {
		Http http = new Http(this.port);
		String path = "/broker/" + URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
		ScriptedFactory.awaitState(this.operations, id, EndpointState.SERVING);
		assertThat(http.get(path).<String>json("$.state")).isEqualTo("SERVING");
		assertThat(http.post(path, "{\"action\":\"stop\"}").status()).isEqualTo(200);
		ScriptedFactory.awaitState(this.operations, id, EndpointState.STOPPED);
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class App {

		@Bean("com.example.Feed#0")
		@Supervised
		ScriptedFactory generated() {
			return new ScriptedFactory();
		}

		@Bean("price feed")
		@Supervised
		ScriptedFactory blank() {
			return new ScriptedFactory();
		}

		@Bean("a?b+c&d=e:f,g")
		@Supervised
		ScriptedFactory query() {
			return new ScriptedFactory();
		}

		@Bean("日本")
		@Supervised
		ScriptedFactory far() {
			return new ScriptedFactory();
		}

		@Bean("[a]{b}")
		@Supervised
		ScriptedFactory brackets() {
			return new ScriptedFactory();
		}

		@Bean("...")
		@Supervised
		ScriptedFactory dots() {
			return new ScriptedFactory();
		}

		@Bean("*")
		@Supervised
		ScriptedFactory star() {
			return new ScriptedFactory();
		}

	}

}
