package dev.cider.broker.spring.actuate;

import java.net.URI;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.Keys;

import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The page of an application with a few endpoints, seen with a browser.
 */
@TestInstance(Lifecycle.PER_CLASS)
class BrokerPageBrowserTests {

	private static final int PHONE = 390;

	private ConfigurableApplicationContext application;

	private Chromium browser;

	@BeforeAll
	void start(@TempDir Path profile) {
		assumeTrue(Chromium.isInstalled(), Chromium.MISSING);
		this.application = PageApplication.run();
		this.browser = new Chromium(profile);
	}

	@AfterAll
	void stop() {
		if (this.browser != null) {
			this.browser.close();
		}
		if (this.application != null) {
			this.application.close();
		}
	}

	@BeforeEach
	void open() {
		this.browser.width(1200, 900);
		this.browser.colours("light");
		this.browser.open(PageApplication.page(this.application));
		this.browser.await("document.querySelectorAll('.endpoint').length === 3");
	}

	@Test
	void theVerdictComesFirstAndIsThatOfHealth() {
		this.browser.await("document.querySelector('#verdict').dataset.verdict === 'down'");
		assertThat(this.browser.text("#verdict-word")).isEqualTo("DOWN");
		assertThat(this.browser.text("#verdict-reason")).isEqualTo("Of 3 endpoints: 1 DROPPED, 1 BACKOFF, 1 SERVING.");
		assertThat(this.browser.driver().getTitle()).isEqualTo("DOWN · clinic");
		this.browser.picture("few-desktop");
	}

	@Test
	void troubledEndpointsAreOnTopAndSayWhatIsWrong() {
		assertThat(this.browser.run("return [...document.querySelectorAll('.open')].map((row) => row.textContent)"))
			.hasToString("[dropped, waiting, tcp]");
		assertThat(this.browser.text(".endpoint:nth-child(1) .trouble"))
			.startsWith("IllegalStateException: Address already in use\nerror 1 of 1 in a row");
		assertThat(this.browser.text(".endpoint:nth-child(2) .figures"))
			.matches("1 crash, next start in \\d+ min \\d+ s");
		assertThat(this.browser.run("return document.querySelector('.endpoint:nth-child(3) .trouble').hidden"))
			.isEqualTo(true);
	}

	@Test
	void fewEndpointsNeedNoFilter() {
		assertThat(this.browser.find("#controls").isDisplayed()).isFalse();
		assertThat(this.browser.text("#count")).isEmpty();
	}

	@Test
	void aSelectedEndpointShowsHistoryAndSettings() {
		select("dropped");
		assertThat(this.browser.text(".history li .what")).isEqualTo("IllegalStateException: Address already in use");
		assertThat(setting("restart.allowed-consecutive-errors")).isEqualTo("1");
		assertThat(setting("restart.max-delay")).isEqualTo("30 s");
		assertThat(setting("health.down-when")).isEqualTo("DROPPED");
		assertThat(setting("replace-abandoned")).isEqualTo("true");
		assertThat(this.browser.find(".links .health").getDomProperty("href"))
			.endsWith("/actuator/health/broker/dropped");
		this.browser.picture("selected-desktop");
		select("waiting");
		assertThat(this.browser.run("return document.querySelectorAll('.detail').length")).isEqualTo(1L);
	}

	private String setting(String name) {
		return String.valueOf(this.browser.run("return [...document.querySelectorAll('.settings dt')]"
				+ ".find((term) => term.textContent === '" + name + "').nextElementSibling.textContent"));
	}

	@Test
	void theAddressRemembersTheSelectedEndpoint() {
		select("waiting");
		this.browser.driver().navigate().refresh();
		this.browser.await("document.querySelector('.endpoint [aria-expanded=true]')?.textContent === 'waiting'");
	}

	/** The server refuses a path with {@code %2F}: 400, not 404. */
	@ParameterizedTest
	@CsvSource({ "none, none", "a%2Fb, a/b", "a%25b, a%b", "a%3Bb, a;b" })
	void anUnknownEndpointInTheAddressIsSaid(String hash, String id) {
		this.browser.open(URI.create(PageApplication.page(this.application) + "#" + hash));
		this.browser.await("document.querySelector('#said').textContent === 'There is no endpoint " + id + ".'");
		this.browser.await("document.querySelectorAll('.endpoint').length === 3");
		this.browser.complaints();
	}

	@Test
	void theButtonsStopStartAndRestart() {
		select("tcp");
		press("stop");
		awaitState("tcp", "STOPPED");
		press("start");
		awaitState("tcp", "SERVING");
		press("restart");
		this.browser.await("document.querySelector('.outcome').textContent === 'Restart of tcp: accepted.'");
		assertThat(this.browser.text("#said")).isEqualTo("Restart of tcp: accepted.");
		awaitState("tcp", "SERVING");
		press("start");
		this.browser
			.await("document.querySelector('.outcome').textContent === 'Start is not possible: tcp is SERVING.'");
	}

	@Test
	void aCrashIsSeenAsItHappensAndCrashesThatOverlapAreCounted() {
		select("tcp");
		PageApplication.crash(this.application);
		PageApplication.crash(this.application);
		PageApplication.crash(this.application);
		this.browser
			.await("[...document.querySelectorAll('.crashes text')].some((text) => Number(text.textContent) >= 3)");
		assertThat(this.browser.text(".crashes g:last-child title"))
			.matches("(?s)\\d+ crashes\n.*IllegalStateException: .*");
		assertThat(this.browser.run("return document.querySelector('.timeline').getAttribute('aria-label')")).asString()
			.matches("Last 10 minutes of tcp: .*SERVING.*; (at least )?\\d+ crashes");
		this.browser.picture("crashes-desktop");
	}

	@Test
	void aHostileMessageStaysText() {
		PageApplication.crash(this.application);
		select("tcp");
		this.browser.await("document.querySelector('.history .what')?.textContent.includes('<script>')");
		assertThat(this.browser.text(".history .what")).contains(PageApplication.HOSTILE);
		assertThat(this.browser.run("return document.querySelectorAll('main script, main img').length")).isEqualTo(0L);
		assertThat(this.browser.run("return document.hacked === undefined")).isEqualTo(true);
	}

	@Test
	void theBrowserHasNothingToComplainOf() {
		this.browser.complaints();
		this.browser.driver().navigate().refresh();
		select("tcp");
		press("restart");
		this.browser.await("document.querySelector('.outcome')?.hidden === false");
		assertThat(this.browser.complaints()).isEmpty();
	}

	/** Beside the policy of the page itself; Spring Security sends a header besides. */
	@Test
	void aScriptThatGetsIntoThePageIsNotRun() {
		assertThat(this.browser.run("const script = document.createElement('script');"
				+ "try { script.textContent = 'document.hacked = 3'; } catch (error) { return error.message; }"))
			.asString()
			.contains("requires 'TrustedScript' assignment");
		this.browser.run("const style = document.createElement('style'); style.textContent = 'body { display: none }';"
				+ "document.head.append(style);");
		assertThat(this.browser.complaints()).anyMatch((complaint) -> complaint.contains("style-src 'self'"));
		assertThat(this.browser.find("#verdict").isDisplayed()).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "light", "dark" })
	void axeFindsNothing(String colours) {
		this.browser.colours(colours);
		PageApplication.crash(this.application);
		select("tcp");
		press("start");
		assertThat(new AxeBuilder().analyze(this.browser.driver()).getViolations()).isEmpty();
		select("dropped");
		assertThat(new AxeBuilder().analyze(this.browser.driver()).getViolations()).isEmpty();
		this.browser.picture("axe-" + colours);
	}

	@Test
	void itFitsAPhone() {
		this.browser.width(PHONE, 844);
		this.browser.picture("phone");
		select("dropped");
		assertThat(this.browser.run("return document.documentElement.scrollWidth")).isEqualTo((long) PHONE);
		assertThat(new AxeBuilder().analyze(this.browser.driver()).getViolations()).isEmpty();
		this.browser.colours("dark");
		this.browser.picture("phone-selected-dark");
	}

	@Test
	void theKeyboardOpensAnEndpointAndPressesAButtonAndKeepsItsPlace() {
		tabTo("tcp");
		assertThat(this.browser.run("return getComputedStyle(document.activeElement, '::after').outlineStyle"))
			.isEqualTo("solid");
		type(Keys.ENTER);
		this.browser.await("document.querySelector('.detail') !== null");
		tabTo("Stop tcp");
		type(Keys.SPACE);
		awaitState("tcp", "STOPPED");
		assertThat(focused()).isEqualTo("Stop tcp");
		tabBackTo("Start tcp");
		type(Keys.ENTER);
		awaitState("tcp", "SERVING");
		assertThat(focused()).isEqualTo("Start tcp");
	}

	private void tabTo(String name) {
		for (int tabs = 0; tabs < 30 && !focused().equals(name); tabs++) {
			type(Keys.TAB);
		}
		assertThat(focused()).isEqualTo(name);
	}

	private void tabBackTo(String name) {
		for (int tabs = 0; tabs < 5 && !focused().equals(name); tabs++) {
			type(Keys.chord(Keys.SHIFT, Keys.TAB));
		}
		assertThat(focused()).isEqualTo(name);
	}

	private void type(CharSequence keys) {
		this.browser.driver().switchTo().activeElement().sendKeys(keys);
	}

	private String focused() {
		return String.valueOf(this.browser.run("return document.activeElement.getAttribute('aria-label')"
				+ " ?? document.activeElement.textContent.trim()"));
	}

	private void select(String id) {
		this.browser.await("[...document.querySelectorAll('.open')].some((row) => row.textContent === '" + id + "')");
		this.browser
			.run("[...document.querySelectorAll('.open')].find((row) => row.textContent === '" + id + "').click()");
		this.browser.await("document.querySelector('.detail')?.getAttribute('aria-label') === 'Details of " + id + "'");
	}

	private void press(String action) {
		this.browser.run("document.querySelector('[data-action=" + action + "]').click()");
	}

	private void awaitState(String id, String state) {
		this.browser.await("[...document.querySelectorAll('.open')].find((row) => row.textContent === '" + id
				+ "')?.closest('.endpoint').dataset.state === '" + state + "'");
	}

}
