package dev.cider.broker.sample.web;

import java.nio.file.Path;

import com.deque.html.axecore.selenium.AxeBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The starter's page with what the sample adds to it, seen with a browser. The tests of
 * the starter look at the page itself.
 */
@TestInstance(Lifecycle.PER_CLASS)
class PageTests {

	private static final int PHONE = 390;

	private Sample sample;

	private Browser browser;

	@BeforeAll
	void start(@TempDir Path profile) {
		assumeTrue(Browser.isInstalled(), Browser.MISSING);
		this.sample = Sample.start(0);
		this.browser = new Browser(profile);
	}

	@AfterAll
	void stop() {
		if (this.browser != null) {
			this.browser.close();
		}
		if (this.sample != null) {
			this.sample.close();
		}
	}

	@BeforeEach
	void open() {
		this.browser.width(1200, 900);
		this.browser.colours("light");
		this.browser.open(this.sample.page());
		this.browser.await("document.querySelectorAll('.endpoint').length === 5");
	}

	@Test
	void aCrashIsSeenAsItHappensWithItsMessageAndAfterAReload() {
		select("tcp");
		awaitState("tcp", "SERVING");
		long incarnation = incarnation();
		press("crash");
		awaitIncarnation(incarnation + 1);
		awaitState("tcp", "SERVING");
		assertThat(text(".outcome")).isEqualTo("Crash of tcp: accepted.");
		assertThat(text(".history .what")).isEqualTo("PageCrashException: Somebody pressed Crash on the page");
		this.browser.await("document.querySelectorAll('.crashes circle').length >= 1");
		this.browser.reload();
		this.browser.await("document.querySelectorAll('.crashes circle').length >= 1");
	}

	@Test
	void whatCannotCrashSaysSo() {
		select("tcp");
		press("stop");
		awaitState("tcp", "STOPPED");
		press("crash");
		this.browser.await("document.querySelector('.outcome').textContent.startsWith('There is nothing to crash')");
		press("start");
		awaitState("tcp", "SERVING");
	}

	@Test
	void theFeedComesAndGoesWithItsSource() {
		awaitState("prices", "SERVING");
		this.browser.await("/^\\d+\\.\\d\\d$/.test(document.querySelector('#price').textContent)");
		select("market");
		press("stop");
		awaitState("prices", "BACKOFF");
		this.browser.await("document.querySelector('#verdict').dataset.verdict === 'troubled'");
		this.browser.await("parseInt(document.querySelector('#price-age').textContent) >= 3");
		press("start");
		awaitState("prices", "SERVING");
		this.browser.await("parseInt(document.querySelector('#price-age').textContent) <= 1");
		this.browser.await("document.querySelector('#verdict').dataset.verdict === 'up'");
	}

	@Test
	void theExchangeIsShownBelow() {
		this.browser.await("document.querySelector('#methods').textContent.includes('sample.crash')");
		assertThat(text("#clients")).isEqualTo("0");
		this.browser.await("document.querySelector('#rate').textContent === '0'");
	}

	@Test
	void theBrowserHasNothingToComplainOf() {
		this.browser.complaints();
		this.browser.reload();
		select("zeromq");
		press("crash");
		this.browser.await("document.querySelector('.outcome')?.hidden === false");
		assertThat(this.browser.complaints()).isEmpty();
		awaitState("zeromq", "SERVING");
	}

	@ParameterizedTest
	@ValueSource(strings = { "light", "dark" })
	void axeFindsNothing(String colours) {
		this.browser.colours(colours);
		select("websocket");
		assertThat(new AxeBuilder().analyze(this.browser.driver()).getViolations()).isEmpty();
	}

	@Test
	void itFitsAPhone() {
		this.browser.width(PHONE, 844);
		select("websocket");
		assertThat(this.browser.run("return document.documentElement.scrollWidth")).isEqualTo((long) PHONE);
	}

	private void select(String id) {
		this.browser.await(open(id) + " !== undefined");
		this.browser.run(open(id) + ".click()");
		this.browser.await("document.querySelector('.detail')?.getAttribute('aria-label') === 'Details of " + id + "'");
	}

	private void press(String action) {
		String button = action.equals("crash") ? ".crash" : "[data-action=" + action + "]";
		this.browser.run("document.querySelector('.actions " + button + "').click()");
	}

	private void awaitState(String id, String state) {
		this.browser.await(open(id) + "?.closest('.endpoint').dataset.state === '" + state + "'");
	}

	private void awaitIncarnation(long incarnation) {
		this.browser.await("Number(" + fact() + ") === " + incarnation);
	}

	private long incarnation() {
		return Long.parseLong((String) this.browser.run("return " + fact()));
	}

	private String text(String selector) {
		return (String) this.browser.run("return document.querySelector('" + selector + "').textContent");
	}

	private static String fact() {
		return "document.querySelector('[data-fact=incarnation]').textContent";
	}

	private static String open(String id) {
		return "[...document.querySelectorAll('.open')].find((row) => row.textContent === '" + id + "')";
	}

}
