package dev.cider.broker.sample;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

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

	private static final String APPLICATION = "application=\"broker-sample-app\"";

	private static final JsonMapper json = new JsonMapper();

	private ConfigurableApplicationContext sample;

	/** Before the first crash. */
	private String firstScrape;

	/** After a crash: the counters of crash reports exist. */
	private String scrape;

	@BeforeAll
	void scrape() throws Exception {
		this.sample = SpringApplication.run(SampleApplication.class, "--server.port=0", "--sample.tcp.port=0",
				"--sample.websocket.port=0", "--sample.zeromq.port=0",
				"--sample.market.port=" + TestSocketUtils.findAvailableTcpPort());
		this.firstScrape = get("/actuator/prometheus");
		Awaitility.await()
			.until(() -> send(HttpRequest.newBuilder(uri("/sample/crash/zeromq")).POST(BodyPublishers.noBody()))
				.statusCode() == 204);
		Awaitility.await().until(() -> {
			this.scrape = get("/actuator/prometheus");
			return this.scrape.contains("endpoint=\"zeromq\",exception=\"PageCrashException\"");
		});
	}

	private URI uri(String path) {
		return URI.create("http://127.0.0.1:" + this.sample.getEnvironment().getProperty("local.server.port") + path);
	}

	private String get(String path) throws Exception {
		return send(HttpRequest.newBuilder(uri(path))).body();
	}

	private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
		return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
	}

	@AfterAll
	void stop() {
		this.sample.close();
	}

	@Test
	void allCountersOfAnEndpointAreThereAtZeroBeforeTheFirstCrash() {
		String tcp = "{" + APPLICATION + ",endpoint=\"tcp\"} ";
		assertThat(this.firstScrape.lines()).contains("broker_endpoint_crashes_total" + tcp + "0.0",
				"broker_endpoint_drops_total" + tcp + "0.0", "broker_endpoint_restarts_total" + tcp + "0.0",
				"broker_endpoint_recovery_seconds_count" + tcp + "0",
				"broker_events_lost_total{" + APPLICATION + "} 0.0");
	}

	@Test
	void crashesAreSplitByPhaseAndException() {
		assertThat(this.scrape.lines()).contains(
				"broker_endpoint_crash_reports_total{" + APPLICATION
						+ ",endpoint=\"zeromq\",exception=\"PageCrashException\",phase=\"SERVE\"} 1.0",
				"broker_endpoints_crash_reports_total{" + APPLICATION
						+ ",exception=\"PageCrashException\",phase=\"SERVE\"} 1.0");
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

	/** Also those without the tag: the value of All matches them. */
	@Test
	void everyPanelShowsTheChosenApplicationsAndInstancesOnly() throws IOException {
		JsonNode dashboard = json.readTree(Files.readString(FILES.resolve("grafana-dashboard.json")));
		List<JsonNode> variables = dashboard.at("/templating/list").valueStream().toList();
		assertThat(variables).extracting((variable) -> variable.at("/name").asString())
			.containsExactly("datasource", "application", "instance", "endpoint");
		assertThat(variables.subList(1, 4)).allSatisfy((variable) -> {
			assertThat(variable.at("/includeAll").asBoolean()).isTrue();
			assertThat(variable.at("/allValue").asString()).isEqualTo(".*");
		});
		List<String> expressions = dashboard.at("/panels")
			.valueStream()
			.flatMap((panel) -> panel.at("/targets").valueStream())
			.map((target) -> target.at("/expr").asString())
			.toList();
		assertThat(expressions).hasSizeGreaterThan(10)
			.allSatisfy((expression) -> assertThat(
					expression.split("application=~\"\\$application\", instance=~\"\\$instance\"", -1).length - 1)
				.as(expression)
				.isEqualTo((int) NAME.matcher(expression).results().count()));
	}

	@Test
	void everyAlertNamesTheInstance() throws IOException {
		String alerts = Files.readString(FILES.resolve("alerts.yml"));
		assertThat(alerts.lines().filter((line) -> line.strip().startsWith("- alert:"))).hasSize(4);
		assertThat(alerts.lines().filter((line) -> line.strip().startsWith("summary:"))).hasSize(4)
			.allSatisfy((summary) -> assertThat(summary).contains("{{ $labels.endpoint }} of {{ $labels.instance }} "));
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
