package dev.cider.broker.spring.actuate;

import java.io.IOException;
import java.security.Principal;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.ScriptedFactory;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.filter.OncePerRequestFilter;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which users see the messages of exceptions.
 */
class ShowValuesTests {

	private static ConfigurableApplicationContext run(String showValues) {
		ConfigurableApplicationContext context = new SpringApplicationBuilder(BrokerApplication.class,
				Authenticating.class)
			.run("--server.address=127.0.0.1", "--server.port=0", "--management.endpoints.web.exposure.include=broker",
					"--broker.restart.mode=never", "--management.endpoint.broker.show-values=" + showValues);
		BrokerOperations operations = context.getBean(BrokerOperations.class);
		context.getBean("tcp", ScriptedFactory.class).crash(operations, "tcp", new IllegalStateException("boom"));
		ScriptedFactory.awaitState(operations, "tcp", EndpointState.DROPPED);
		return context;
	}

	@ParameterizedTest
	@CsvSource({ "never, ******, ******", "when-authorized, ******, boom", "always, boom, boom" })
	void messagesAreShownNeverToAuthenticatedUsersOrAlways(String showValues, String anonymous, String authenticated) {
		try (ConfigurableApplicationContext context = run(showValues)) {
			Http http = new Http(context.getEnvironment().getRequiredProperty("local.server.port", Integer.class));
			assertThat(http.get("/broker").<String>json("$.endpoints.tcp.lastCrash.message")).isEqualTo(anonymous);
			assertThat(http.get("/broker/tcp").<String>json("$.history[0].message")).isEqualTo(anonymous);
			assertThat(http.get("/broker", "X-User", "me").<String>json("$.endpoints.tcp.lastCrash.message"))
				.isEqualTo(authenticated);
			assertThat(http.get("/broker/tcp", "X-User", "me").<String>json("$.history[0].message"))
				.isEqualTo(authenticated);
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Authenticating {

		@Bean
		OncePerRequestFilter authentication() {
			return new OncePerRequestFilter() {

				@Override
				protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response,
						FilterChain chain) throws ServletException, IOException {
					String user = request.getHeader("X-User");
					chain.doFilter((user != null) ? new AuthenticatedRequest(request, user) : request, response);
				}

			};
		}

	}

	private static final class AuthenticatedRequest extends HttpServletRequestWrapper {

		private final String user;

		AuthenticatedRequest(HttpServletRequest request, String user) {
			super(request);
			this.user = user;
		}

		@Override
		public @Nullable Principal getUserPrincipal() {
			return () -> this.user;
		}

	}

}
