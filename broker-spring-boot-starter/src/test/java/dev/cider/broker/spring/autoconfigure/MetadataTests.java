package dev.cider.broker.spring.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import com.jayway.jsonpath.JsonPath;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an editor knows of the properties.
 */
class MetadataTests {

	private static List<Map<String, Object>> property(String name) throws IOException {
		try (InputStream metadata = MetadataTests.class
			.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
			String json = new String(Objects.requireNonNull(metadata).readAllBytes(), StandardCharsets.UTF_8);
			return JsonPath.read(json, "$.properties[?(@.name == '" + name + "')]");
		}
	}

	@ParameterizedTest
	@CsvSource({ "broker.enabled, true", "broker.restart.mode, on-failure",
			"broker.restart.allowed-consecutive-errors, 3", "broker.restart.error-window, 1s",
			"broker.restart.delay, 200ms", "broker.restart.multiplier, 2", "broker.restart.max-delay, 30s",
			"broker.restart.jitter, 50ms", "broker.restart.revive-after, 1m", "broker.auto-start, true",
			"broker.critical, true", "broker.on-drop, none", "broker.health.down-when, dropped",
			"broker.close-timeout, 20s", "broker.lifecycle.phase, 2147479551", "broker.lifecycle.auto-startup, true",
			"broker.history-size, 20", "broker.threads, auto", "management.endpoint.broker.show-values, never",
			"management.endpoint.broker.access, read_only", "management.health.broker.enabled, true" })
	void everyPropertyIsDescribedWithItsDefault(String name, String defaultValue) throws IOException {
		assertThat(property(name)).singleElement().satisfies((property) -> {
			assertThat(property.get("description")).as("description").asString().isNotBlank();
			assertThat(property.get("defaultValue")).asString().isIn(defaultValue, defaultValue + ".0");
		});
	}

	@Test
	void whatHasNoDefaultIsDescribedToo() throws IOException {
		assertThat(property("broker.restart.fatal-exceptions")).singleElement()
			.satisfies((property) -> assertThat(property).containsKey("description"));
		assertThat(property("broker.endpoints")).singleElement()
			.satisfies((property) -> assertThat(property).containsKey("description"));
	}

}
