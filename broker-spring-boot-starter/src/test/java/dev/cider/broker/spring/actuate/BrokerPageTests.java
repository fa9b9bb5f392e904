package dev.cider.broker.spring.actuate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.actuate.Http.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.io.ClassPathResource;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@code /actuator/brokerpage} over a real connection, without a browser.
 */
class BrokerPageTests {

	private static final String[] SHARED = { "--server.address=127.0.0.1", "--server.port=0",
			"--management.endpoints.web.exposure.include=broker,brokerpage,health" };

	private static ConfigurableApplicationContext run(String... arguments) {
		return new SpringApplicationBuilder(BrokerApplication.class)
			.run(StringUtils.concatenateStringArrays(SHARED, arguments));
	}

	private static Http http(ConfigurableApplicationContext context, String port) {
		return new Http(context.getEnvironment().getRequiredProperty(port, Integer.class));
	}

	private static String data(Answer page, String name) {
		return Pattern.compile("<html [^>]*data-" + name + "=\"([^\"]*)\"")
			.matcher(page.body())
			.results()
			.findFirst()
			.orElseThrow()
			.group(1);
	}

	@Test
	void thePageAndItsFilesAreServedAsWhatTheyAre() {
		try (ConfigurableApplicationContext context = run("--spring.application.name=\"A\" & <B>")) {
			Http http = http(context, "local.server.port");
			Answer page = http.get("/brokerpage", "Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8");
			assertThat(page.status()).isEqualTo(200);
			assertThat(page.type()).isEqualTo("text/html;charset=UTF-8");
			assertThat(page.body()).contains("data-application=\"&quot;A&quot; &amp; &lt;B&gt;\"",
					"src=\"brokerpage/page.js\"");
			assertThat(data(page, "broker")).isEqualTo("broker");
			assertThat(data(page, "health")).isEqualTo("health");
			assertThat(http.get("/brokerpage/page.css", "Accept", "text/css,*/*;q=0.1").type())
				.isEqualTo("text/css;charset=UTF-8");
			assertThat(http.get("/brokerpage/page.js").type()).isEqualTo("text/javascript;charset=UTF-8");
			assertThat(http.get("/brokerpage/icon.svg").type()).isEqualTo("image/svg+xml;charset=UTF-8");
			Answer reference = http.get("/brokerpage/README.md");
			assertThat(reference.type()).isEqualTo("text/plain;charset=UTF-8");
			assertThat(reference.body()).startsWith("# broker-spring-boot-starter");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "page.html", "none", "..%2fBrokerPageEndpoint.class", "README.md%00", "PAGE.CSS" })
	void nothingElseIsServed(String name) {
		try (ConfigurableApplicationContext context = run()) {
			assertThat(http(context, "local.server.port").get("/brokerpage/" + name).status()).isIn(400, 404);
		}
	}

	@ParameterizedTest
	@CsvSource({ "read-only, READ_ONLY", "unrestricted, UNRESTRICTED" })
	void thePageKnowsWhetherItMayOperate(String access, String expected) {
		try (ConfigurableApplicationContext context = run("--management.endpoint.broker.access=" + access)) {
			Http http = http(context, "local.server.port");
			assertThat(data(http.get("/brokerpage"), "access")).isEqualTo(expected);
			assertThat(http.post("/brokerpage", "{}").status()).isEqualTo(405);
		}
	}

	@Test
	void theHighestPermittedAccessHoldsForThePageToo() {
		try (ConfigurableApplicationContext context = run("--management.endpoint.broker.access=unrestricted",
				"--management.endpoints.access.max-permitted=read-only")) {
			assertThat(data(http(context, "local.server.port").get("/brokerpage"), "access")).isEqualTo("READ_ONLY");
		}
	}

	@Test
	void onTheManagementPortItIsServedThereOnly() {
		try (ConfigurableApplicationContext context = run("--management.server.port=0",
				"--management.server.address=127.0.0.1")) {
			Http management = http(context, "local.management.port");
			assertThat(data(management.get("/brokerpage"), "broker")).isEqualTo("broker");
			assertThat(management.get("/brokerpage/page.js").status()).isEqualTo(200);
			assertThat(http(context, "local.server.port").get("/brokerpage").status()).isEqualTo(404);
		}
	}

	@Test
	void itFollowsTheMappingOfPaths() {
		try (ConfigurableApplicationContext context = run(
				"--management.endpoints.web.path-mapping.brokerpage=ops/endpoints",
				"--management.endpoints.web.path-mapping.broker=ops/all")) {
			Http http = http(context, "local.server.port");
			Answer page = http.get("/ops/endpoints");
			// Relative to /actuator/ops/
			assertThat(data(page, "broker")).isEqualTo("../ops/all");
			assertThat(data(page, "health")).isEqualTo("../health");
			assertThat(page.body()).contains("href=\"endpoints/page.css\"");
			assertThat(http.get("/ops/endpoints/page.css").status()).isEqualTo(200);
			assertThat(http.get("/ops/all").status()).isEqualTo(200);
		}
	}

	@Test
	void whatIsNotExposedIsNotLinked() {
		try (ConfigurableApplicationContext context = run(
				"--management.endpoints.web.exposure.exclude=broker,health")) {
			Answer page = http(context, "local.server.port").get("/brokerpage");
			assertThat(data(page, "broker")).isEmpty();
			assertThat(data(page, "health")).isEmpty();
		}
	}

	@Test
	void thePageHasNoScriptOrStyleOfItsOwnAndForbidsThem() throws IOException {
		String page = read("page.html");
		assertThat(page).doesNotContainPattern("<script(?! src)|<style| style=| on\\w+=")
			.contains("Content-Security-Policy", "default-src 'none'", "script-src 'self'", "style-src 'self'")
			.doesNotContain("unsafe");
	}

	/** A state that the page does not know would never be in its list. */
	@Test
	void thePageKnowsEveryState() throws IOException {
		String script = read("page.js");
		String known = script.substring(script.indexOf("const STATES = ["), script.indexOf("const TROUBLED"));
		for (EndpointState state : EndpointState.values()) {
			assertThat(known).contains("'" + state + "'");
			assertThat(script).containsPattern("HEIGHTS = \\{[^}]*\\b" + state + ":");
			assertThat(read("page.html")).contains("id=\"mark-" + state + "\"");
			assertThat(read("page.css")).contains("[data-state=\"" + state + "\"]");
		}
	}

	private static String read(String name) throws IOException {
		return Files.readString(Path.of("src/main/resources/dev/cider/broker/spring/actuate/page", name));
	}

	@ParameterizedTest
	@ValueSource(strings = { "page.html", "page.css", "page.js", "icon.svg", "README.md" })
	void aNativeImageKeepsTheFiles(String name) throws IOException {
		RuntimeHints hints = new RuntimeHints();
		new BrokerPageEndpoint.Hints().registerHints(hints, null);
		ClassPathResource file = new ClassPathResource("dev/cider/broker/spring/actuate/page/" + name);
		assertThat(file.getContentAsString(StandardCharsets.UTF_8)).isNotEmpty();
		assertThat(RuntimeHintsPredicates.resource().forResource(file.getPath())).accepts(hints);
	}

}
