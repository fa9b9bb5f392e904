package dev.cider.broker.sample;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.util.TestSocketUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * The files under {@code monitoring} fit what the sample shows to Prometheus.
 */
@TestInstance(Lifecycle.PER_CLASS)
class MonitoringTests {

	private static final Path FILES = Path.of("monitoring");

	private static final Pattern NAME = Pattern.compile("\\bbroker_[a-z_]+");

	private ConfigurableApplicationContext sample;

	private String scrape;

	@BeforeAll
	void scrape() throws Exception {
		this.sample = SpringApplication.run(SampleApplication.class, "--server.port=0", "--sample.tcp.port=0",
				"--sample.websocket.port=0", "--sample.zeromq.port=0",
				"--sample.market.port=" + TestSocketUtils.findAvailableTcpPort());
		String port = this.sample.getEnvironment().getProperty("local.server.port");
		URI uri = URI.create("http://127.0.0.1:" + port + "/actuator/prometheus");
		this.scrape = HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
			.body();
	}

	@AfterAll
	void stop() {
		this.sample.close();
	}

	@Test
	void allCountersAreThereAtZeroBeforeTheFirstCrash() {
		assertThat(this.scrape.lines()).contains("broker_endpoint_crashes_total{endpoint=\"tcp\"} 0.0",
				"broker_endpoint_drops_total{endpoint=\"tcp\"} 0.0",
				"broker_endpoint_restarts_total{endpoint=\"tcp\"} 0.0",
				"broker_endpoint_recovery_seconds_count{endpoint=\"tcp\"} 0", "broker_events_lost_total 0.0");
	}

	@ParameterizedTest
	@ValueSource(strings = { "alerts.yml", "grafana-dashboard.json" })
	void everyMeterNamedIsScraped(String file) throws IOException {
		Set<String> named = NAME.matcher(Files.readString(FILES.resolve(file)))
			.results()
			.map(MatchResult::group)
			.collect(Collectors.toCollection(TreeSet::new));
		Set<String> scraped = NAME.matcher(this.scrape)
			.results()
			.map(MatchResult::group)
			.collect(Collectors.toCollection(TreeSet::new));
		assertThat(named).isNotEmpty().isSubsetOf(scraped);
	}

	@ParameterizedTest
	@ValueSource(strings = { "check config prometheus.yml", "check rules alerts.yml", "test rules alerts-test.yml" })
	void promtoolFindsNoFault(String command) throws Exception {
		assumeTrue(Files.isExecutable(Path.of("/usr/bin/promtool")), "promtool is not installed");
		Process promtool = new ProcessBuilder(("/usr/bin/promtool " + command).split(" ")).directory(FILES.toFile())
			.redirectErrorStream(true)
			.start();
		String said = new String(promtool.getInputStream().readAllBytes());
		assertThat(promtool.waitFor()).as(said).isZero();
	}

}
