package dev.cider.broker.readme;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.cider.broker.Broker;
import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.metrics.BrokerMetrics;
import dev.cider.broker.spring.metrics.LostEvents;
import dev.cider.broker.spring.metrics.RecoveryTimer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The README tells the truth: its snippets are code that is compiled and run here, its
 * tables list what there is.
 */
class ReadmeTests {

	private static final Path README = Path.of("..", "README.md");

	private static final Path SOURCES = Path.of("src/test/java/dev/cider/broker/readme");

	private static final JsonMapper json = new JsonMapper();

	private static List<String> blocks(String language) throws IOException {
		return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
			.matcher(Files.readString(README))
			.results()
			.map((match) -> match.group(1))
			.toList();
	}

	private static Set<String> column(String heading) throws IOException {
		return Pattern.compile("\\| " + heading + " \\|.*\n\\|[-|]+\n((\\|.*\n)+)")
			.matcher(Files.readString(README))
			.results()
			.flatMap((table) -> table.group(1).lines())
			.map((row) -> row.split("\\|")[1].strip().replace("`", ""))
			.collect(Collectors.toCollection(TreeSet::new));
	}

	@Test
	void everyJavaSnippetIsCodeThatIsCompiledHere() throws IOException {
		List<String> snippets = blocks("java");
		assertThat(snippets).hasSize(5);
		String sources = unindented(allSources());
		assertThat(snippets).allSatisfy((snippet) -> assertThat(sources).contains(unindented(snippet)));
	}

	@Test
	void everyPropertiesSnippetSetsWhatThereIs() throws IOException {
		List<String> snippets = blocks("properties");
		assertThat(snippets).hasSize(2);
		Set<String> known = described("");
		known.add("management.endpoint.health.group.readiness.include");
		assertThat(snippets).allSatisfy((snippet) -> {
			Properties set = new Properties();
			set.load(new StringReader(snippet));
			assertThat(known).containsAll(set.stringPropertyNames());
		});
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
		assertThat(column("property")).isEqualTo(described("broker."));
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
	void theFeedServesCrashesRaisesTheAlarmAndStops() throws Exception {
		try (ServerSocket source = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
			PriceBoard board = new PriceBoard(new InetSocketAddress(source.getInetAddress(), source.getLocalPort()));
			try (ConfigurableApplicationContext context = run(board)) {
				BrokerOperations broker = context.getBean(BrokerOperations.class);
				PriceApplication application = context.getBean(PriceApplication.class);
				for (int run = 1; run <= 3; run++) {
					try (Socket feed = source.accept()) {
						feed.getOutputStream().write(("price " + run + "\n").getBytes(UTF_8));
					}
					assertThat(board.shown().poll(20, TimeUnit.SECONDS)).isEqualTo("price " + run);
				}
				assertThat(application.alarms.poll(20, TimeUnit.SECONDS)).isNotNull();
				assertThat(broker.endpoint("prices").crashes()).isEqualTo(3);
				Awaitility.await().until(() -> broker.endpoint("ticker").state() == EndpointState.SERVING);
			}
		}
	}

	private static ConfigurableApplicationContext run(PriceBoard board) {
		return new SpringApplicationBuilder(PriceApplication.class).web(WebApplicationType.NONE)
			.initializers(
					(context) -> ((GenericApplicationContext) context).registerBean(PriceBoard.class, () -> board))
			.properties("broker.restart.error-window=1h", "broker.restart.delay=10ms", "broker.restart.jitter=0s",
					"spring.config.location=optional:classpath:/none/")
			.run();
	}

	@Test
	void withoutSpringItStopsByItself() throws Exception {
		try (ServerSocket source = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
			PriceApplication
				.withoutSpring(new PriceBoard(new InetSocketAddress(source.getInetAddress(), source.getLocalPort())));
		}
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
		assertThat(column("meter")).isEqualTo(registry.getMeters()
			.stream()
			.map((meter) -> meter.getId().getName())
			.collect(Collectors.toCollection(TreeSet::new)));
	}

}
