package dev.cider.broker.spring.actuate;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The filter chain of the reference lets everybody see health, users look and operators
 * operate.
 */
class ActuatorSecurityTests {

	private static ConfigurableApplicationContext run() {
		// Arguments come before the file that keeps Spring Security out of the other
		// tests.
		return PageApplication.run(Secured.class, "--spring.autoconfigure.exclude=");
	}

	private static Http http(ConfigurableApplicationContext context) {
		return new Http(context.getEnvironment().getRequiredProperty("local.server.port", Integer.class));
	}

	private static String[] headers(String user, boolean token) {
		List<String> headers = new ArrayList<>();
		if (!user.equals("nobody")) {
			headers.addAll(List.of("Authorization", "Basic "
					+ Base64.getEncoder().encodeToString((user + ":secret").getBytes(StandardCharsets.UTF_8))));
		}
		if (token) {
			headers.addAll(List.of("Cookie", "XSRF-TOKEN=of-the-cookie", "X-XSRF-TOKEN", "of-the-cookie"));
		}
		return headers.toArray(String[]::new);
	}

	@ParameterizedTest
	@CsvSource({ "nobody, 401, 401", "user, 200, 403", "operator, 200, 200" })
	void usersLookAndOperatorsOperate(String user, int statusOfRead, int statusOfWrite) {
		try (ConfigurableApplicationContext context = run()) {
			Http http = http(context);
			assertThat(http.get("/health", headers(user, false)).status()).isNotIn(401, 403);
			assertThat(http.get("/broker", headers(user, false)).status()).isEqualTo(statusOfRead);
			assertThat(http.get("/brokerpage", headers(user, false)).status()).isEqualTo(statusOfRead);
			assertThat(http.post("/broker/tcp", "{\"action\":\"stop\"}", headers(user, true)).status())
				.isEqualTo(statusOfWrite);
		}
	}

	@Test
	void withoutTheTokenNobodyOperates() {
		try (ConfigurableApplicationContext context = run()) {
			assertThat(http(context).post("/broker/tcp", "{\"action\":\"stop\"}", headers("operator", false)).status())
				.isEqualTo(403);
		}
	}

	@Configuration(proxyBeanMethods = false)
	@Import(ActuatorSecurity.class)
	static class Secured {

		@Bean
		UserDetailsService users() {
			return new InMemoryUserDetailsManager(
					User.withUsername("user").password("{noop}secret").roles("USER").build(),
					User.withUsername("operator").password("{noop}secret").roles("USER", "OPERATOR").build());
		}

	}

}
