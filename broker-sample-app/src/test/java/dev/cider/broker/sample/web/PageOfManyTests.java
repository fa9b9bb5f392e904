package dev.cider.broker.sample.web;

import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The page with many endpoints, and with a server that goes away.
 */
class PageOfManyTests {

	@TempDir
	private Path profile;

	@Test
	void aThousandEndpointsAreFilteredAndOnlyTheFirstAreDrawn() {
		assumeTrue(Browser.isInstalled(), Browser.MISSING);
		try (Sample sample = Sample.start(0, "--test.feeds=1000"); Browser browser = new Browser(this.profile)) {
			browser.open(sample.page());
			awaitCount(browser, "Showing the first 50 of 1,008.");
			assertThat(browser.findAll(".endpoint")).hasSize(50);
			browser.find("#filter").sendKeys("feed-0777");
			awaitCount(browser, "Showing 1 found of 1,008.");
			assertThat(browser.find(".endpoint h3").getText()).isEqualTo("feed-0777");
			browser.find("#filter").sendKeys(Keys.chord(Keys.CONTROL, "a"), Keys.DELETE);
			awaitCount(browser, "Showing the first 50 of 1,008.");
			browser.run("document.querySelector('#states [data-state=DROPPED]').click()");
			awaitCount(browser, "Showing 2 found of 1,008.");
			browser.run("document.querySelector('#states [data-state=DROPPED]').click()");
			browser.run("document.querySelector('#more').click()");
			awaitCount(browser, "Showing the first 150 of 1,008.");
		}
	}

	@Test
	void anUpdateLeavesAloneWhatHasNotChanged() {
		assumeTrue(Browser.isInstalled(), Browser.MISSING);
		try (Sample sample = Sample.start(0, "--test.feeds=1000"); Browser browser = new Browser(this.profile)) {
			browser.open(sample.page());
			awaitCount(browser, "Showing the first 50 of 1,008.");
			browser.run("""
					document.rowChanges = 0;
					new MutationObserver((changes) => document.rowChanges += changes.length)
						.observe(document.getElementById('endpoints'), { childList: true });
					const fetched = window.fetch;
					document.polls = 0;
					window.fetch = (...all) => { document.polls++; return fetched(...all); };
					""");
			browser.await("document.polls >= 12");
			assertThat(browser.run("return document.rowChanges")).isEqualTo(0L);
		}
	}

	@Test
	void aServerThatGoesAwayAndComesBackIsNoticed() {
		assumeTrue(Browser.isInstalled(), Browser.MISSING);
		Sample first = Sample.start(0);
		int port = first.port();
		try (Browser browser = new Browser(this.profile)) {
			browser.open(first.page());
			awaitCount(browser, "Showing 8.");
			first.close();
			browser.await("!document.querySelector('#away').hidden");
			assertThat(browser.find("#away").getText()).startsWith("The server has not answered since");
			try (Sample second = Sample.start(port, "--test.feeds=1")) {
				assertThat(second.port()).isEqualTo(port);
				browser.await("document.querySelector('#away').hidden");
				awaitCount(browser, "Showing 9.");
				assertThat(browser.find("#said").getDomProperty("textContent")).isEqualTo("The server answers again.");
				browser.await("document.querySelectorAll('.bars rect').length >= 5");
			}
		}
		finally {
			first.close();
		}
	}

	private static void awaitCount(Browser browser, String text) {
		browser.await("document.querySelector('#count').textContent === '" + text + "'");
	}

}
