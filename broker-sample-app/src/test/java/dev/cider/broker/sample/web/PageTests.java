package dev.cider.broker.sample.web;

import java.nio.file.Path;
import java.util.List;

import com.deque.html.axecore.results.Rule;
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
import org.openqa.selenium.Keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The page, seen with a browser.
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
		this.browser.await("document.querySelectorAll('.endpoint').length === 8");
		long incarnation = incarnation("tcp");
		press("tcp", "restart");
		awaitServing("tcp", incarnation + 1);
	}

	@Test
	void aCrashIsSeenAsItHappensAndAfterAReload() {
		long incarnation = incarnation("tcp");
		press("tcp", "crash");
		awaitServing("tcp", incarnation + 1);
		assertThat(text("tcp", ".outcome")).isEqualTo("Crash of tcp: accepted.");
		assertThat(text("tcp", ".crash dd")).startsWith("PageCrashException: Somebody pressed Crash on the page");
		assertThat(text("tcp", ".decision dd")).contains("restart in");
		this.browser.await(row("tcp") + ".querySelectorAll('.crashes circle').length >= 2");
		this.browser.reload();
		awaitState("tcp", "SERVING");
		this.browser.await(row("tcp") + ".querySelectorAll('.crashes circle').length >= 2");
		assertThat(this.browser.run("return " + row("tcp") + ".querySelector('.timeline').getAttribute('aria-label')"))
			.asString()
			.matches("Last 10 minutes of tcp: .*SERVING.*; \\d+ crash(es)?");
	}

	@Test
	void theButtonsStopStartAndRestart() {
		press("tcp", "stop");
		awaitState("tcp", "STOPPED");
		long incarnation = incarnation("tcp");
		press("tcp", "start");
		awaitState("tcp", "SERVING");
		press("tcp", "restart");
		awaitIncarnation("tcp", incarnation + 2);
		assertThat(text("tcp", ".outcome")).isEqualTo("Restart of tcp: accepted.");
		assertThat(this.browser.find("#said").getDomProperty("textContent")).isEqualTo("Restart of tcp: accepted.");
	}

	@Test
	void whatIsNotPossibleIsNotDoneAndSaid() {
		press("tcp", "start");
		assertThat(text("tcp", ".outcome")).isEqualTo("Start is not possible: tcp is SERVING.");
		// As if the page did not know that yet
		this.browser.run("const start = " + row("tcp") + ".querySelector('[data-action=start]');"
				+ "start.setAttribute('aria-disabled', false); start.click();");
		this.browser.await(row("tcp") + ".querySelector('.outcome').textContent"
				+ ".startsWith(\"Action 'start' is not possible now: endpoint 'tcp' is SERVING, but start is allowed\")");
	}

	@Test
	void theNextStartIsCountedDown() {
		awaitState("waiting", "BACKOFF");
		String before = text("waiting", ".next dd");
		assertThat(before).matches("in \\d min \\d+ s|in 10 min 0 s");
		this.browser.await(row("waiting") + ".querySelector('.next dd').textContent !== '" + before + "'");
	}

	@Test
	void theFeedComesAndGoesWithItsSource() {
		awaitState("prices", "SERVING");
		this.browser.await("/^\\d+\\.\\d\\d$/.test(document.querySelector('#price').textContent)");
		press("market", "stop");
		awaitState("prices", "BACKOFF");
		assertThat(text("prices", ".decision dd")).contains("restart in");
		this.browser.await("parseInt(document.querySelector('#price-age').textContent) >= 3");
		press("market", "start");
		awaitState("prices", "SERVING");
		this.browser.await("parseInt(document.querySelector('#price-age').textContent) <= 1");
	}

	@Test
	void aHostileMessageStaysText() {
		awaitState("hostile", "DROPPED");
		assertThat(text("hostile", ".crash dd")).contains(PageEndpoints.HOSTILE);
		assertThat(this.browser.run("return document.querySelectorAll('main script, main img').length")).isEqualTo(0L);
		assertThat(this.browser.run("return document.hacked === undefined")).isEqualTo(true);
	}

	@Test
	void theBrowserHasNothingToComplainOf() {
		this.browser.complaints();
		this.browser.reload();
		awaitState("tcp", "SERVING");
		press("tcp", "restart");
		awaitState("tcp", "SERVING");
		this.browser.find("#filter").sendKeys("tc");
		assertThat(this.browser.complaints()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "light", "dark" })
	void axeFindsNothing(String colours) {
		this.browser.colours(colours);
		press("tcp", "start");
		List<Rule> found = new AxeBuilder().analyze(this.browser.driver()).getViolations();
		assertThat(found).isEmpty();
	}

	@Test
	void itFitsAPhone() {
		this.browser.width(PHONE, 844);
		assertThat(this.browser.run("return document.documentElement.scrollWidth")).isEqualTo((long) PHONE);
	}

	@Test
	void theKeyboardReachesAButtonThatShowsItAndWorks() {
		long incarnation = incarnation("tcp");
		this.browser.find("#filter").sendKeys("tcp");
		this.browser.await("document.querySelectorAll('.endpoint').length === 1");
		for (int tabs = 0; tabs < 20 && !focused().equals("Restart tcp"); tabs++) {
			this.browser.driver().switchTo().activeElement().sendKeys(Keys.TAB);
		}
		assertThat(focused()).isEqualTo("Restart tcp");
		assertThat(this.browser.run("return getComputedStyle(document.activeElement).outlineStyle")).isEqualTo("solid");
		this.browser.driver().switchTo().activeElement().sendKeys(Keys.ENTER);
		awaitIncarnation("tcp", incarnation + 1);
		assertThat(focused()).as("after it was changed").isEqualTo("Restart tcp");
	}

	private String focused() {
		return String.valueOf(this.browser.run("return document.activeElement.getAttribute('aria-label')"));
	}

	private void press(String id, String action) {
		this.browser.run(row(id) + ".querySelector('[data-action=" + action + "]').click()");
		this.browser.await("!" + row(id) + ".querySelector('.outcome').hidden");
	}

	private void awaitState(String id, String state) {
		this.browser.await(row(id) + "?.dataset.state === '" + state + "'");
	}

	private void awaitServing(String id, long incarnation) {
		awaitIncarnation(id, incarnation);
		awaitState(id, "SERVING");
	}

	private void awaitIncarnation(String id, long incarnation) {
		this.browser.await("Number(" + fact(id, "incarnation") + ") === " + incarnation);
	}

	private long incarnation(String id) {
		return Long.parseLong((String) this.browser.run("return " + fact(id, "incarnation")));
	}

	private String text(String id, String selector) {
		return (String) this.browser.run("return " + row(id) + ".querySelector('" + selector + "').textContent");
	}

	private static String fact(String id, String name) {
		return row(id) + ".querySelector('[data-fact=" + name + "]').textContent";
	}

	private static String row(String id) {
		return "[...document.querySelectorAll('.endpoint')]"
				+ ".find((row) => row.querySelector('h3').textContent === '" + id + "')";
	}

}
