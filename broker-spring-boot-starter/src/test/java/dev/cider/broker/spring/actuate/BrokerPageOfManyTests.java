package dev.cider.broker.spring.actuate;

import java.nio.file.Path;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The page of an application with 10,000 endpoints, seen with a browser.
 */
@TestInstance(Lifecycle.PER_CLASS)
class BrokerPageOfManyTests {

	private ConfigurableApplicationContext application;

	private Chromium browser;

	@BeforeAll
	void start(@TempDir Path profile) {
		assumeTrue(Chromium.isInstalled(), Chromium.MISSING);
		// The many are not started: each would need a thread.
		this.application = PageApplication.run("--test.feeds=10000", "--broker.auto-start=false",
				"--broker.endpoints.tcp.auto-start=true", "--broker.endpoints.dropped.auto-start=true",
				"--broker.endpoints.waiting.auto-start=true");
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
		this.browser.open(PageApplication.page(this.application));
		awaitCount("Showing the first 50 of 10,003.");
	}

	@Test
	void onlyTheFirstAreAskedForAndDrawnAndTroubledOnesAreAmongThem() {
		assertThat(this.browser.run("return document.querySelectorAll('.endpoint').length")).isEqualTo(50L);
		assertThat(this.browser.text(".endpoint:nth-child(1) .open")).isEqualTo("dropped");
		assertThat(this.browser.text(".endpoint:nth-child(2) .open")).isEqualTo("waiting");
		assertThat(this.browser.text("#endpoints")).contains("7070");
		assertThat(this.browser.text("#verdict-reason"))
			.startsWith("Of 10,003 endpoints: 1 DROPPED, 1 BACKOFF, 10,000");
		long bytes = (Long) this.browser.run("return Math.max(...performance.getEntriesByType('resource')"
				+ ".filter((entry) => entry.initiatorType === 'fetch').map((entry) => entry.decodedBodySize))");
		assertThat(bytes).as("of an answer").isBetween(1_000L, 50_000L);
		this.browser.picture("many-desktop");
	}

	@Test
	void theyAreFilteredByNameAndState() {
		this.browser.find("#filter").sendKeys("FEED-0777");
		awaitCount("Showing 10 found of 10,003.");
		assertThat(this.browser.text(".endpoint .open")).isEqualTo("feed-07770");
		this.browser.find("#filter").sendKeys(Keys.chord(Keys.CONTROL, "a"), Keys.DELETE);
		awaitCount("Showing the first 50 of 10,003.");
		this.browser.run("document.querySelector('#states [data-state=DROPPED]').click()");
		awaitCount("Showing 1 found of 10,003.");
		this.browser.run("document.querySelector('#states [data-state=DROPPED]').click()");
		this.browser.run("document.querySelector('#more').click()");
		awaitCount("Showing the first 150 of 10,003.");
		assertThat(this.browser.run("return document.querySelectorAll('.endpoint').length")).isEqualTo(150L);
	}

	@Test
	void anUpdateLeavesAloneWhatHasNotChangedAndDoesNotFreezeThePage() {
		this.browser
			.run("""
					document.rowChanges = 0;
					new MutationObserver((changes) => document.rowChanges += changes.length)
						.observe(document.getElementById('endpoints'), { childList: true });
					document.longTasks = [];
					new PerformanceObserver((list) => document.longTasks.push(...list.getEntries().map((task) => task.duration)))
						.observe({ type: 'longtask' });
					const fetched = window.fetch;
					document.polls = 0;
					window.fetch = (...all) => { document.polls++; return fetched(...all); };
					""");
		this.browser.await("document.polls >= 6");
		assertThat(this.browser.run("return document.rowChanges")).isEqualTo(0L);
		assertThat(this.browser.run("return Math.max(0, ...document.longTasks)")).asString()
			.satisfies((longest) -> assertThat(Double.parseDouble(longest)).as("ms").isLessThan(1000));
	}

	@Test
	void theSelectedEndpointStaysWhereItIsWhenItsStateChanges() {
		this.browser.run("document.querySelector('.endpoint:nth-child(2) .open').click()");
		this.browser.await("document.querySelector('.detail')?.getAttribute('aria-label') === 'Details of waiting'");
		this.browser.run("document.querySelector('[data-action=stop]').click()");
		this.browser.await("document.querySelector('.endpoint:nth-child(2)').dataset.state === 'STOPPED'");
		assertThat(this.browser.text(".endpoint:nth-child(2) .open")).isEqualTo("waiting");
		this.browser.run("document.querySelector('[data-action=restart]').click()");
		this.browser.await("document.querySelector('.endpoint:nth-child(2)').dataset.state === 'BACKOFF'");
	}

	private void awaitCount(String text) {
		this.browser.await("document.querySelector('#count').textContent === '" + text + "'");
	}

}
