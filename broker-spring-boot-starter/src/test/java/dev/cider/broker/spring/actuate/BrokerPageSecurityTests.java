package dev.cider.broker.spring.actuate;

import java.net.URI;
import java.nio.file.Path;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.CsrfConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The page under Spring Security with a login, seen with a browser: all users may look,
 * only operators may operate.
 */
@TestInstance(Lifecycle.PER_CLASS)
class BrokerPageSecurityTests {

	private static final String FORBIDDEN = "The server does not let you start, stop or restart endpoints (403)";

	private Chromium browser;

	private ConfigurableApplicationContext application;

	@BeforeAll
	void start() {
		assumeTrue(Chromium.isInstalled(), Chromium.MISSING);
	}

	@BeforeEach
	void startBrowser(@TempDir Path profile) {
		this.browser = new Chromium(profile);
	}

	@AfterEach
	void stop() {
		this.browser.close();
		if (this.application != null) {
			this.application.close();
		}
	}

	private void login(String user, String csrf) {
		// Arguments come before the file that keeps Spring Security out of the other
		// tests.
		this.application = PageApplication.run(Guarded.class, "--spring.autoconfigure.exclude=", "--test.csrf=" + csrf);
		this.browser.width(1200, 900);
		this.browser.open(PageApplication.page(this.application));
		this.browser.find("#username").sendKeys(user);
		this.browser.find("#password").sendKeys("secret");
		this.browser.find("button[type=submit]").click();
		this.browser.await("document.querySelectorAll('.endpoint').length === 3");
		select();
	}

	private void select() {
		this.browser.run("[...document.querySelectorAll('.open')].find((row) => row.textContent === 'tcp').click()");
		this.browser.await("document.querySelector('.detail') !== null");
	}

	private void press(String action) {
		this.browser.run("document.querySelector('[data-action=" + action + "]').click()");
		this.browser.await("document.querySelector('#said').textContent !== ''");
	}

	@Test
	void anOperatorOperatesWithTheTokenOfTheCookie() {
		login("operator", "spa");
		press("restart");
		assertThat(this.browser.text(".outcome")).isEqualTo("Restart of tcp: accepted.");
		this.browser.await("document.querySelector('[data-fact=incarnation]').textContent === '2'");
		assertThat(this.browser.complaints()).isEmpty();
	}

	@Test
	void aUserWhoMayOnlyLookIsToldSoAndGetsNoMoreButtons() {
		login("user", "spa");
		press("stop");
		assertThat(this.browser.text(".forbidden")).startsWith(FORBIDDEN).isEqualTo(this.browser.text("#said"));
		assertThat(this.browser.find("[data-action=stop]").isDisplayed()).isFalse();
		assertThat(this.browser.find(".outcome").isDisplayed()).as("the same again").isFalse();
		assertThat(this.browser.text("[data-fact=incarnation]")).isEqualTo("1");
		this.browser.picture("read-only-user");
	}

	@Test
	void aTokenThatThePageCannotFindIsNamed() {
		login("operator", "session");
		press("stop");
		assertThat(this.browser.text(".forbidden")).startsWith(FORBIDDEN).contains("the cookie XSRF-TOKEN");
	}

	/** Then the error of the missing token becomes one of a missing user. */
	@Test
	void withoutASessionAMissingTokenIsNamedToo() {
		this.application = PageApplication.run(Guarded.class, "--spring.autoconfigure.exclude=", "--test.csrf=basic");
		this.browser.width(1200, 900);
		URI page = PageApplication.page(this.application);
		this.browser.open(URI.create(page.toString().replace("//", "//operator:secret@")));
		// A page whose address has a password cannot fetch; the browser knows it now.
		this.browser.open(page);
		this.browser.await("document.querySelectorAll('.endpoint').length === 3");
		select();
		press("stop");
		assertThat(this.browser.text(".outcome"))
			.isEqualTo("You are not logged in, or not any more: reload the page. Or the server expects a CSRF token"
					+ " that is not in the cookie XSRF-TOKEN.");
	}

	@Test
	void withoutCsrfProtectionAnOperatorNeedsNoToken() {
		login("operator", "off");
		press("restart");
		assertThat(this.browser.text(".outcome")).isEqualTo("Restart of tcp: accepted.");
	}

	@Test
	void whoseSessionIsOverIsToldSo() {
		login("operator", "spa");
		this.browser.driver().manage().deleteAllCookies();
		this.browser.await("!document.querySelector('#away').hidden");
		assertThat(this.browser.text("#away")).startsWith("You are not logged in, or not any more: reload the page.");
	}

	@Configuration(proxyBeanMethods = false)
	static class Guarded {

		@Bean
		SecurityFilterChain guard(HttpSecurity http, Environment environment) {
			String csrf = environment.getRequiredProperty("test.csrf");
			if (csrf.equals("basic")) {
				http.httpBasic(Customizer.withDefaults())
					.sessionManagement((sessions) -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS));
			}
			else {
				http.formLogin(Customizer.withDefaults());
			}
			return http
				.authorizeHttpRequests((requests) -> requests
					.requestMatchers(EndpointRequest.to(BrokerEndpoint.class).withHttpMethod(HttpMethod.POST))
					.hasRole("OPERATOR")
					.anyRequest()
					.authenticated())
				.csrf((configurer) -> configure(configurer, csrf))
				.build();
		}

		private static void configure(CsrfConfigurer<HttpSecurity> configurer, String csrf) {
			switch (csrf) {
				case "spa" -> configurer.spa();
				case "off" -> configurer.disable();
				default -> {
					// Spring Security's own default: the token is kept in the session.
				}
			}
		}

		@Bean
		UserDetailsService users() {
			return new InMemoryUserDetailsManager(
					User.withUsername("user").password("{noop}secret").roles("USER").build(),
					User.withUsername("operator").password("{noop}secret").roles("USER", "OPERATOR").build());
		}

	}

}
