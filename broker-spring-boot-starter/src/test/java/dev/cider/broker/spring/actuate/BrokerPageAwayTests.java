package dev.cider.broker.spring.actuate;

import java.net.URI;
import java.nio.file.Path;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The page where the server goes away, or has nothing to show, seen with a browser.
 */
class BrokerPageAwayTests {

	@TempDir
	private Path profile;

	private Chromium browser;

	@BeforeEach
	void start() {
		assumeTrue(Chromium.isInstalled(), Chromium.MISSING);
		this.browser = new Chromium(this.profile);
	}

	@AfterEach
	void stop() {
		if (this.browser != null) {
			this.browser.close();
		}
	}

	@Test
	void aServerThatGoesAwayAndComesBackIsNoticed() {
		URI page;
		try (ConfigurableApplicationContext first = PageApplication.run()) {
			page = PageApplication.page(first);
			this.browser.open(page);
			this.browser.await("document.querySelectorAll('.endpoint').length === 3");
		}
		this.browser.await("!document.querySelector('#away').hidden");
		assertThat(this.browser.text("#away")).startsWith("The server has not answered since");
		assertThat(this.browser.text("#verdict-word")).isEqualTo("no answer");
		try (ConfigurableApplicationContext second = PageApplication.run("--server.port=" + page.getPort(),
				"--test.feeds=1")) {
			this.browser.await("document.querySelector('#away').hidden");
			this.browser.await("document.querySelectorAll('.endpoint').length === 4");
			assertThat(this.browser.text("#verdict-word")).isEqualTo("DOWN");
			assertThat(PageApplication.page(second)).isEqualTo(page);
		}
	}

	@Test
	void withoutTheActuatorEndpointOfTheDataThePageSaysWhatToExpose() {
		try (ConfigurableApplicationContext context = PageApplication
			.run("--management.endpoints.web.exposure.exclude=broker")) {
			this.browser.open(PageApplication.page(context));
			this.browser.await("!document.querySelector('#away').hidden");
			assertThat(this.browser.text("#away")).contains("“broker” is not exposed",
					"management.endpoints.web.exposure.include");
		}
	}

	@Test
	void whereWritesAreOffThereAreNoButtonsAndTheReason() {
		try (ConfigurableApplicationContext context = PageApplication
			.run("--management.endpoint.broker.access=read-only")) {
			this.browser.open(URI.create(PageApplication.page(context) + "#tcp"));
			this.browser.await("document.querySelector('.detail') !== null");
			assertThat(this.browser
				.run("return [...document.querySelectorAll('[data-action]')]" + ".every((button) => button.hidden)"))
				.isEqualTo(true);
			assertThat(this.browser.text(".forbidden")).contains("management.endpoint.broker.access=unrestricted");
			this.browser.picture("read-only-access");
		}
	}

	@Test
	void whatEndpointsWaitForIsNamedAndIsNoGreenVerdict() {
		try (ConfigurableApplicationContext context = PageApplication.run("--broker.endpoints.dropped.auto-start=false",
				"--broker.endpoints.waiting.auto-start=false", "--broker.endpoints.tcp.wait-for=tcp/127.0.0.1:1")) {
			this.browser.open(PageApplication.page(context));
			this.browser.await("document.querySelector('#verdict').dataset.verdict === 'troubled'");
			assertThat(this.browser.text("#verdict-word")).isEqualTo("UP");
			assertThat(this.browser.text("#verdict-reason"))
				.isEqualTo("Of 3 endpoints: 1 WAITING, 2 REGISTERED. Shut: tcp/127.0.0.1:1.");
			this.browser.await("document.querySelector('.endpoint[data-state=WAITING] .trouble') !== null");
			assertThat(this.browser.text(".endpoint[data-state=WAITING] .trouble"))
				.startsWith("Waits for tcp/127.0.0.1:1, which is unreachable");
			this.browser.picture("waiting");
		}
	}

	@Test
	void anApplicationWhoseEndpointsAllServeIsUp() {
		try (ConfigurableApplicationContext context = PageApplication.run("--management.server.port=0",
				"--management.server.address=127.0.0.1", "--management.server.base-path=/ops",
				"--broker.endpoints.dropped.auto-start=false", "--broker.endpoints.waiting.auto-start=false",
				"--test.feeds=20")) {
			String port = context.getEnvironment().getRequiredProperty("local.management.port");
			this.browser.open(URI.create("http://127.0.0.1:" + port + "/ops/actuator/brokerpage"));
			this.browser.await("document.querySelector('#verdict').dataset.verdict === 'up'");
			assertThat(this.browser.text("#verdict-reason")).isEqualTo("Of 23 endpoints: 2 REGISTERED, 21 SERVING.");
			assertThat(this.browser.find("#controls").isDisplayed()).isTrue();
			this.browser.picture("up-desktop");
		}
	}

}
