package dev.cider.broker.readme;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.cider.broker.Broker;
import dev.cider.broker.BrokerOperations;
import dev.cider.broker.CrashPhase;
import dev.cider.broker.EndpointCrashReport;
import dev.cider.broker.EndpointOptions;
import dev.cider.broker.EndpointState;
import dev.cider.broker.restart.RestartDecision;
import dev.cider.broker.restart.RestartPolicy;
import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.metrics.BrokerMetrics;
import dev.cider.broker.spring.metrics.CrashCounter;
import dev.cider.broker.spring.metrics.GateMeters;
import dev.cider.broker.spring.metrics.LostEvents;
import dev.cider.broker.spring.metrics.RecoveryTimer;
import dev.cider.broker.spring.observation.EndpointObservationConvention;
import io.micrometer.common.KeyValue;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.test.util.TestSocketUtils;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The READMEs tell the truth: their snippets are code that is compiled and run here,
 * their tables list what there is.
 */
@ExtendWith(OutputCaptureExtension.class)
class ReadmeTests {

	private static final Path FRONT_PAGE = Path.of("..", "README.md");

	private static final Path REFERENCE = Path.of("..", "broker-spring-boot-starter", "README.md");

	private static final List<Path> ALL = List.of(FRONT_PAGE, REFERENCE, Path.of("..", "broker-core", "README.md"),
			Path.of("README.md"), Path.of("..", "CONTRIBUTING.md"));

	private static final Path SOURCES = Path.of("src/test/java/dev/cider/broker/readme");

	/** The module of the sample has no Spring Security. */
	private static final Path SECURITY = Path.of("..", "broker-spring-boot-starter",
			"src/test/java/dev/cider/broker/spring/actuate/ActuatorSecurity.java");

	/** Nobody listens there until a test does. */
	private static final int PORT = TestSocketUtils.findAvailableTcpPort();

	private static final JsonMapper json = new JsonMapper();

	private static List<String> blocks(String language) {
		Pattern block = Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL);
		return ALL.stream()
			.flatMap((document) -> block.matcher(read(document)).results())
			.map((match) -> match.group(1))
			.toList();
	}

	private static Set<String> column(Path document, String heading) {
		return Pattern.compile("\\| " + heading + " \\|.*\n\\|[-|]+\n((\\|.*\n)+)")
			.matcher(read(document))
			.results()
			.flatMap((table) -> table.group(1).lines())
			.map((row) -> row.split("\\|")[1].strip().replace("`", ""))
			.collect(Collectors.toCollection(TreeSet::new));
	}

	@Test
	void everyJavaSnippetIsCodeThatIsCompiledHere() throws IOException {
		List<String> snippets = blocks("java");
		assertThat(snippets).hasSize(10);
		String sources = unindented(allSources() + read(SECURITY));
		assertThat(snippets).allSatisfy((snippet) -> assertThat(sources).contains(unindented(snippet)));
	}

	@Test
	void everyPropertiesSnippetSetsWhatThereIs() throws IOException {
		List<String> snippets = blocks("properties");
		assertThat(snippets).hasSize(6);
		Set<String> known = described("");
		known.add("management.endpoint.health.group.readiness.include");
		known.add("management.endpoints.web.exposure.include");
		assertThat(snippets).allSatisfy((snippet) -> {
			Properties set = new Properties();
			set.load(new StringReader(snippet));
			assertThat(known).containsAll(set.stringPropertyNames().stream().map(ReadmeTests::shared).toList());
		});
	}

	/**
	 * The property of all endpoints for one of an endpoint or a config that a README has.
	 */
	private static String shared(String property) {
		return property.replaceFirst("^broker\\.(endpoints(\\.[a-z-]+|\\[[a-z*-]+])|configs\\.[a-z-]+)\\.", "broker.");
	}

	@Test
	void theFrontPageIsAtMost150Lines() {
		assertThat(read(FRONT_PAGE).lines()).hasSizeLessThanOrEqualTo(150);
	}

	/** To files; an address in the web is not looked at. */
	@Test
	void everyLinkLeadsToAFile() {
		Pattern link = Pattern.compile("]\\(([^):#]+)(#[^)]*)?\\)");
		assertThat(ALL).allSatisfy((document) -> assertThat(link.matcher(read(document)).results())
			.extracting((match) -> document.resolveSibling(match.group(1)))
			.allSatisfy((target) -> assertThat(target).exists()));
	}

	private static String allSources() throws IOException {
		try (Stream<Path> files = Files.list(SOURCES)) {
			return files.sorted().map(ReadmeTests::read).collect(Collectors.joining("\n"));
		}
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String unindented(String code) {
		return code.lines().map(String::strip).filter((line) -> !line.isEmpty()).collect(Collectors.joining("\n"));
	}

	@Test
	void thePropertiesListedAreAllThatThereAre() throws IOException {
		assertThat(column(REFERENCE, "property")).isEqualTo(described("broker."));
		assertThat(described("broker.")).containsAll(column(FRONT_PAGE, "property"));
	}

	private static Set<String> described(String prefix) throws IOException {
		Set<String> described = new TreeSet<>();
		for (URL metadata : Collections
			.list(ReadmeTests.class.getClassLoader().getResources("META-INF/spring-configuration-metadata.json"))) {
			for (JsonNode property : json.readTree(metadata.openStream()).get("properties")) {
				if (property.get("name").asString().startsWith(prefix)) {
					described.add(property.get("name").asString());
				}
			}
		}
		return described;
	}

	@Test
	void theFirstEndpointSurvivesAnOutage(CapturedOutput output) throws Exception {
		try (ConfigurableApplicationContext context = run("broker.endpoints.otherPrices.auto-start=false")) {
			BrokerOperations broker = context.getBean(BrokerOperations.class);
			Awaitility.await().until(() -> broker.endpoint("prices").crashes() > 4);
			assertThat(broker.endpoint("prices").drops()).isZero();
			try (ServerSocket source = new ServerSocket(PORT, 50, InetAddress.getByName("localhost"));
					Socket feed = source.accept()) {
				Awaitility.await().until(() -> broker.endpoint("prices").state() == EndpointState.SERVING);
				feed.getOutputStream().write("7 dollars\n".getBytes(UTF_8));
				Awaitility.await().until(() -> output.getOut().contains("price: 7 dollars"));
			}
		}
	}

	@Test
	void aMethodWithALoopIsServedAndClosedByAnInterrupt(CapturedOutput output) {
		try (ConfigurableApplicationContext context = run("broker.endpoints.otherPrices.auto-start=false")) {
			context.getBean(JobReader.class).jobs.add("sweep");
			Awaitility.await().until(() -> output.getOut().contains("job: sweep"));
			BrokerOperations broker = context.getBean(BrokerOperations.class);
			broker.stop("jobReader");
			Awaitility.await().until(() -> broker.endpoint("jobReader").state() == EndpointState.STOPPED);
			assertThat(broker.endpoint("jobReader").crashes()).isZero();
		}
	}

	@Test
	void aDroppedEndpointIsNamed(CapturedOutput output) {
		try (ConfigurableApplicationContext context = run("prices.other-port=" + PORT)) {
			Awaitility.await().until(() -> output.getErr().contains("otherPrices: error 3 of 3 in a row"));
			assertThat(context.getBean(BrokerOperations.class).endpoint("otherPrices").drops()).isPositive();
		}
	}

	/** With the properties of the front page. */
	private static ConfigurableApplicationContext run(String property) {
		return new SpringApplicationBuilder(PriceApplication.class).web(WebApplicationType.NONE)
			.properties(
					blocks("properties").get(0).lines().filter((line) -> !line.startsWith("#")).toArray(String[]::new))
			.properties(property, "prices.port=" + PORT, "broker.restart.delay=10ms", "broker.restart.jitter=0s",
					"broker.restart.max-delay=100ms", "spring.config.location=optional:classpath:/none/")
			.run();
	}

	@Test
	void theSettingsByNameOfTheReferenceReachTheEndpoint() {
		String snippet = blocks("properties").stream()
			.filter((block) -> block.contains("base-config=price-source"))
			.findFirst()
			.orElseThrow();
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(PriceApplication.class)
			.web(WebApplicationType.NONE)
			.properties(snippet.lines().filter((line) -> !line.startsWith("#")).toArray(String[]::new))
			.properties("broker.lifecycle.auto-startup=false", "spring.config.location=optional:classpath:/none/")
			.run()) {
			EndpointOptions prices = context.getBean(BrokerLifecycle.class).options("prices");
			assertThat(prices.startTimeout()).isEqualTo(Duration.ofSeconds(10));
			assertThat(prices.restartPolicy().backoff().maxDelay()).isEqualTo(Duration.ofSeconds(5));
			assertThat(prices.restartPolicy().allowedConsecutiveErrors()).isEqualTo(RestartPolicy.UNLIMITED);
		}
	}

	@Test
	void theConventionOfTheReferenceAddsAKey() {
		ObservedTeams seen = new ObservedTeams(new CopyOnWriteArrayList<>());
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(PriceApplication.class)
			.web(WebApplicationType.NONE)
			.initializers(
					(created) -> ((GenericApplicationContext) created).registerBean(ObservedTeams.class, () -> seen))
			.properties("spring.config.location=optional:classpath:/none/", "prices.other-port=" + PORT)
			.run()) {
			assertThat(context.getBean(EndpointObservationConvention.class)).isInstanceOf(TeamConvention.class);
			Awaitility.await().until(() -> seen.teams().contains("broker.endpoint.start: market"));
		}
	}

	@Test
	void withoutSpringItStopsByItself() {
		PriceApplication.withoutSpring();
	}

	@Test
	void theJsonShownHasTheMembersOfTheRealOne() throws IOException {
		JsonNode shown = json.readTree(blocks("json").get(0));
		JsonNode endpoint = shown.get("endpoints").get("tcp");
		assertThat(endpoint.propertyNames()).containsExactly("state", "since", "incarnation", "starts", "restarts",
				"crashes", "drops", "consecutiveErrors", "abandoned", "lastDecision", "lastCrash");
		assertThat(endpoint.get("lastCrash").propertyNames()).containsExactly("incarnation", "phase", "at", "served",
				"type", "message", "dropped", "decision");
	}

	@Test
	void theMetersListedAreAllThatThereAre() throws IOException {
		Broker broker = Broker.create();
		broker.registerEndpointFactory("prices", () -> {
			throw new IllegalStateException("never started");
		});
		SimpleMeterRegistry registry = new SimpleMeterRegistry();
		new BrokerMetrics(broker).bindTo(registry);
		new RecoveryTimer(broker).bindTo(registry);
		new LostEvents(() -> 0).bindTo(registry);
		new GateMeters(broker, List.of("health/db")).bindTo(registry);
		CrashCounter crashes = new CrashCounter(broker);
		crashes.bindTo(registry);
		// Its counters are registered at the first crash.
		crashes.crashed(new EndpointCrashReport("prices", false, new IOException("the source hung up"), 1,
				CrashPhase.SERVE, Instant.EPOCH, Duration.ZERO, 1,
				new RestartDecision.Restart(Duration.ZERO, 1, "restart at once")));
		assertThat(column(REFERENCE, "meter")).isEqualTo(registry.getMeters()
			.stream()
			.map((meter) -> meter.getId().getName())
			.collect(Collectors.toCollection(TreeSet::new)));
	}

	private record ObservedTeams(List<String> teams) implements ObservationHandler<Observation.Context> {

		@Override
		public void onStart(Observation.Context context) {
			KeyValue team = context.getLowCardinalityKeyValue("team");
			this.teams.add(context.getName() + ": " + ((team != null) ? team.getValue() : "none"));
		}

		@Override
		public boolean supportsContext(Observation.Context context) {
			return true;
		}

	}

}
