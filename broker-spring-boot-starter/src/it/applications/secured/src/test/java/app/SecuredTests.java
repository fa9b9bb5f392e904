package app;

import java.time.Duration;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.Supervised;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application whose users may look, and whose operators may also act and see messages.
 */
class SecuredTests {

	private static ConfigurableApplicationContext context;

	private static Http http;

	@BeforeAll
	static void start() {
		context = SpringApplication.run(App.class, "--server.port=0", "--server.address=127.0.0.1",
				"--management.endpoints.web.exposure.include=broker", "--management.endpoint.broker.access=unrestricted",
				"--management.endpoint.broker.show-values=when-authorized",
				"--management.endpoint.broker.roles=OPERATOR", "--broker.restart.mode=never");
		var broker = context.getBean(BrokerOperations.class);
		Awaitility.await().atMost(Duration.ofMinutes(4)).until(() -> broker.endpoint("feed").state() == EndpointState.DROPPED);
		http = new Http(context.getEnvironment().getProperty("local.server.port"));
	}

	@AfterAll
	static void stop() {
		context.close();
	}

	@ParameterizedTest
	@CsvSource({ "'', 401, 401", "user, 200, 403", "operator, 200, 200" })
	void whoMayReadAndWrite(String user, int read, int write) throws Exception {
		assertThat(http.as(user).get("broker").statusCode()).isEqualTo(read);
		assertThat(http.as(user).get("broker/feed").statusCode()).isEqualTo(read);
		assertThat(http.as(user).post("broker/feed", "{\"action\":\"restart\"}").statusCode()).isEqualTo(write);
	}

	@Test
	void onlyAnOperatorSeesWhatACrashSaid() throws Exception {
		assertThat(http.as("user").get("broker/feed").body()).contains("\"message\":\"******\"").doesNotContain("boom");
		assertThat(http.as("operator").get("broker/feed").body()).contains("\"message\":\"boom\"");
	}

	@SpringBootApplication
	static class App {

		@Bean
		@Supervised
		EndpointFactory feed() {
			return () -> new Feed(true);
		}

		@Bean
		SecurityFilterChain actuator(HttpSecurity http) throws Exception {
			return http.securityMatcher(EndpointRequest.toAnyEndpoint())
				.authorizeHttpRequests((requests) -> requests.requestMatchers(HttpMethod.GET).authenticated()
					.anyRequest().hasRole("OPERATOR"))
				.httpBasic(Customizer.withDefaults())
				.csrf((csrf) -> csrf.disable())
				.build();
		}

		@Bean
		UserDetailsService users() {
			return new InMemoryUserDetailsManager(User.withUsername("user").password("{noop}user").roles("USER").build(),
					User.withUsername("operator").password("{noop}operator").roles("OPERATOR").build());
		}

	}

}
