package dev.cider.broker.spring.actuate;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.ScriptedFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which users see the messages of exceptions where Spring Security guards the
 * application: all users may read, only operators may write.
 */
class RolesTests {

	private static final String HIDDEN = "******";

	private static final String WHEN_AUTHORIZED = "--management.endpoint.broker.show-values=when-authorized";

	private static ConfigurableApplicationContext run(String... arguments) {
		// Arguments come before the file that keeps Spring Security out of the other
		// tests.
		String[] shared = { "--server.address=127.0.0.1", "--server.port=0", "--spring.autoconfigure.exclude=",
				"--management.endpoints.web.exposure.include=broker",
				"--management.endpoint.broker.access=unrestricted", "--broker.restart.mode=never" };
		ConfigurableApplicationContext context = new SpringApplicationBuilder(BrokerApplication.class, Guarded.class)
			.run(StringUtils.concatenateStringArrays(shared, arguments));
		BrokerOperations operations = context.getBean(BrokerOperations.class);
		context.getBean("tcp", ScriptedFactory.class).crash(operations, "tcp", new IllegalStateException("boom"));
		ScriptedFactory.awaitState(operations, "tcp", EndpointState.DROPPED);
		return context;
	}

	private static Http http(ConfigurableApplicationContext context) {
		return new Http(context.getEnvironment().getRequiredProperty("local.server.port", Integer.class));
	}

	/** The user "nobody" sends no headers. */
	private static String[] as(String user) {
		return user.equals("nobody") ? new String[0] : new String[] { "Authorization",
				"Basic " + Base64.getEncoder().encodeToString((user + ":secret").getBytes(StandardCharsets.UTF_8)) };
	}

	private static void assertSees(Http http, String user, String message) {
		assertThat(http.get("/broker", as(user)).<String>json("$.endpoints.tcp.lastCrash.message")).as("in brief")
			.isEqualTo(message);
		assertThat(http.get("/broker/tcp", as(user)).<String>json("$.history[0].message")).as("in full")
			.isEqualTo(message);
	}

	@ParameterizedTest
	@CsvSource({ "nobody, 401", "user, 403", "operator, 200" })
	void onlyAUserWithARoleSeesMessagesOnReadAndWrite(String user, int statusOfWrite) {
		try (ConfigurableApplicationContext context = run(WHEN_AUTHORIZED,
				"--management.endpoint.broker.roles=OPERATOR,ADMIN")) {
			Http http = http(context);
			boolean authorized = user.equals("operator");
			assertSees(http, user, authorized ? "boom" : HIDDEN);
			Http.Answer written = http.post("/broker/tcp", "{\"action\":\"stop\"}", as(user));
			assertThat(written.status()).isEqualTo(statusOfWrite);
			if (authorized) {
				assertThat(written.<String>json("$.lastCrash.message")).isEqualTo("boom");
			}
			else {
				assertThat(written.body()).doesNotContain("boom");
			}
		}
	}

	@Test
	void aUserWhoMayWriteButHasNoneOfTheRolesSeesNoMessages() {
		try (ConfigurableApplicationContext context = run(WHEN_AUTHORIZED,
				"--management.endpoint.broker.roles=AUDITOR")) {
			Http.Answer written = http(context).post("/broker/tcp", "{\"action\":\"stop\"}", as("operator"));
			assertThat(written.status()).isEqualTo(200);
			assertThat(written.<String>json("$.lastCrash.message")).isEqualTo(HIDDEN);
			assertSees(http(context), "operator", HIDDEN);
		}
	}

	@ParameterizedTest
	@CsvSource({ "nobody, ******", "user, boom", "operator, boom" })
	void withoutRolesEveryAuthenticatedUserSeesMessages(String user, String message) {
		try (ConfigurableApplicationContext context = run(WHEN_AUTHORIZED)) {
			assertSees(http(context), user, message);
		}
	}

	@Test
	void rolesDoNotMatterWhereMessagesAreNeverShown() {
		try (ConfigurableApplicationContext context = run("--management.endpoint.broker.roles=OPERATOR",
				"--management.endpoint.broker.show-values=never")) {
			assertSees(http(context), "operator", HIDDEN);
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Guarded {

		@Bean
		SecurityFilterChain guard(HttpSecurity http) {
			return http
				.authorizeHttpRequests((requests) -> requests
					.requestMatchers(EndpointRequest.to(BrokerEndpoint.class).withHttpMethod(HttpMethod.POST))
					.hasRole("OPERATOR")
					.anyRequest()
					.permitAll())
				.csrf((csrf) -> csrf.disable())
				.httpBasic(Customizer.withDefaults())
				.build();
		}

		@Bean
		UserDetailsService users() {
			return new InMemoryUserDetailsManager(
					User.withUsername("user").password("{noop}secret").roles("USER").build(),
					User.withUsername("operator").password("{noop}secret").roles("USER", "OPERATOR").build());
		}

	}

}
