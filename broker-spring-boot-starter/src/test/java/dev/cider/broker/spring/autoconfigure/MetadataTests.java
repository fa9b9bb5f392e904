package dev.cider.broker.spring.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

import com.jayway.jsonpath.JsonPath;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.spring.OnDrop;
import dev.cider.broker.spring.health.DownWhen;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.actuate.endpoint.Show;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the metadata tells editors about the properties.
 */
class MetadataTests {

	private static <T> List<T> read(String path) throws IOException {
		try (InputStream metadata = MetadataTests.class
			.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
			return JsonPath.read(new String(Objects.requireNonNull(metadata).readAllBytes(), StandardCharsets.UTF_8),
					path);
		}
	}

	private static Map<String, Object> property(String name) throws IOException {
		List<Map<String, Object>> properties = read("$.properties[?(@.name == '" + name + "')]");
		assertThat(properties).as(name).hasSize(1);
		return properties.get(0);
	}

	@ParameterizedTest
	@CsvSource({ "broker.enabled, true", "broker.restart.mode, on-failure",
			"broker.restart.allowed-consecutive-errors, 3", "broker.restart.error-window, 1s",
			"broker.restart.delay, 200ms", "broker.restart.multiplier, 2", "broker.restart.max-delay, 30s",
			"broker.restart.jitter, 50ms", "broker.restart.revive-after, 1m", "broker.auto-start, true",
			"broker.explicit-ready, false", "broker.critical, true", "broker.on-drop, none",
			"broker.health.down-when, dropped", "broker.close-timeout, 20s", "broker.lifecycle.phase, 2147479551",
			"broker.lifecycle.auto-startup, true", "broker.history-size, 20", "broker.threads, auto",
			"broker.propagate-context, false", "broker.gate.poll-interval, 2s", "broker.gate.timeout, 5s",
			"broker.gate.evict, false", "broker.restart.max-concurrent, unlimited",
			"management.endpoint.broker.show-values, never", "management.endpoint.broker.access, read_only",
			"management.endpoint.brokerpage.access, read_only", "management.health.broker.enabled, true",
			"management.info.broker.enabled, false" })
	void everyDefaultIsKnown(String name, String defaultValue) throws IOException {
		assertThat(property(name).get("defaultValue")).asString().isIn(defaultValue, defaultValue + ".0");
	}

	@Test
	void everyPropertyHasATypeAndADescriptionAndAllButTheseADefault() throws IOException {
		List<Map<String, Object>> properties = read("$.properties");
		assertThat(properties).allSatisfy((property) -> {
			assertThat(property.get("type")).asString().isNotBlank();
			assertThat(property.get("description")).asString().endsWith(".");
		});
		assertThat(properties.stream()
			.filter((property) -> property.get("defaultValue") == null
					|| property.get("defaultValue").equals(List.of()))
			.map((property) -> property.get("name"))).containsExactlyInAnyOrder("broker.start-timeout",
					"broker.heartbeat-timeout", "broker.restart.fatal-exceptions", "broker.wait-for",
					"broker.added-endpoints", "broker.base-config", "broker.endpoints", "broker.configs",
					"broker.groups", "management.endpoint.broker.roles");
	}

	static Stream<Arguments> choices() {
		return Stream.of(Arguments.of("broker.restart.mode", RestartMode.values()),
				Arguments.of("broker.on-drop", OnDrop.values()),
				Arguments.of("broker.health.down-when", DownWhen.values()),
				Arguments.of("broker.threads", BrokerProperties.Threads.values()),
				Arguments.of("management.endpoint.broker.show-values", Show.values()));
	}

	@ParameterizedTest
	@MethodSource("choices")
	void everyChoiceIsExplained(String name, Enum<?>[] choices) throws IOException {
		List<Map<String, String>> hints = read("$.hints[?(@.name == '" + name + "')].values[*]");
		assertThat(hints).extracting((hint) -> hint.get("value"))
			.containsExactlyInAnyOrder(Stream.of(choices)
				.map((choice) -> choice.name().toLowerCase(Locale.ROOT).replace('_', '-'))
				.toArray(String[]::new));
		assertThat(hints).allSatisfy((hint) -> assertThat(hint.get("description")).isNotBlank());
	}

	@Test
	void editorsOfferUnlimitedAndAcceptAnyNumberOfErrors() throws IOException {
		String hint = "$.hints[?(@.name == 'broker.restart.allowed-consecutive-errors')]";
		assertThat(MetadataTests.<String>read(hint + ".values[*].value")).containsExactly("unlimited");
		assertThat(MetadataTests.<String>read(hint + ".providers[*].name")).containsExactly("any");
	}

	@ParameterizedTest
	@CsvSource({ "broker.base-config", "broker.configs.keys" })
	void editorsOfferTheBuiltInConfigsAndAcceptAnyOther(String name) throws IOException {
		String hint = "$.hints[?(@.name == '" + name + "')]";
		assertThat(MetadataTests.<String>read(hint + ".values[*].value")).containsExactly(BuiltInConfigs.CLIENT,
				BuiltInConfigs.SERVER);
		assertThat(MetadataTests.<String>read(hint + ".values[*].description")).hasSize(2);
		assertThat(MetadataTests.<String>read(hint + ".providers[*].name")).containsExactly("any");
	}

	@ParameterizedTest
	@CsvSource({ "broker.restart.fatal-exceptions, class-reference, java.lang.Throwable",
			"broker.endpoints.keys, spring-bean-reference, dev.cider.broker.EndpointFactory" })
	void editorsOfferClassesAndBeansOfTheRightType(String name, String provider, String target) throws IOException {
		String hint = "$.hints[?(@.name == '" + name + "')].providers[*]";
		assertThat(MetadataTests.<String>read(hint + ".name")).containsExactly(provider);
		assertThat(MetadataTests.<String>read(hint + ".parameters.target")).containsExactly(target);
		assertThat(List.of(Throwable.class.getName(), EndpointFactory.class.getName())).contains(target);
	}

	@Test
	void everyHintIsForAPropertyThatExists() throws IOException {
		List<String> properties = read("$.properties[*].name");
		List<String> hints = read("$.hints[*].name");
		assertThat(hints).isNotEmpty()
			.allSatisfy((hint) -> assertThat(hint.replaceAll("\\.(keys|values)$", "")).isIn(properties));
	}

}
