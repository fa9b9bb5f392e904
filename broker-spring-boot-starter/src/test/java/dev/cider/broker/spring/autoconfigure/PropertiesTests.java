package dev.cider.broker.spring.autoconfigure;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointOptions;
import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.DropEffect;
import dev.cider.broker.spring.OnDrop;
import dev.cider.broker.spring.ScriptedEndpoint;
import dev.cider.broker.spring.EndpointOptionsCustomizer;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.Supervised;
import dev.cider.broker.spring.TestEndpoints;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginTrackedValue;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ByteArrayResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the properties do, and how wrong ones are refused.
 */
@ExtendWith(OutputCaptureExtension.class)
class PropertiesTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(BrokerAutoConfiguration.class))
		.withUserConfiguration(TcpAndPriceFeed.class)
		.withPropertyValues("broker.lifecycle.auto-startup=false");

	private static EndpointOptions options(AssertableApplicationContext context, String id) {
		return context.getBean(BrokerLifecycle.class).options(id);
	}

	private static DropEffect effect(AssertableApplicationContext context, String id) {
		return context.getBean(BrokerLifecycle.class).dropEffect(id);
	}

	private static void assertRefused(AssertableApplicationContext context, String... words) {
		assertThat(context).hasFailed();
		FailureAnalysis analysis = new InvalidBrokerPropertyFailureAnalyzer()
			.analyze(Objects.requireNonNull(context.getStartupFailure()));
		assertThat(analysis).as("analysis of " + context.getStartupFailure()).isNotNull();
		assertThat(Objects.requireNonNull(analysis).getDescription()).contains(words);
	}

	private static void assertAdvised(AssertableApplicationContext context, String... words) {
		assertThat(context).hasFailed();
		FailureAnalysis analysis = new InvalidBrokerPropertyFailureAnalyzer()
			.analyze(Objects.requireNonNull(context.getStartupFailure()));
		assertThat(Objects.requireNonNull(analysis).getAction()).contains(words);
	}

	@Test
	void withoutPropertiesTheDefaultsOfTheCoreHold() {
		this.contextRunner.run((context) -> {
			EndpointOptions options = options(context, "tcp");
			RestartPolicy policy = options.restartPolicy();
			RestartPolicy defaults = RestartPolicy.defaults();
			assertThat(policy.mode()).isEqualTo(defaults.mode());
			assertThat(policy.allowedConsecutiveErrors()).isEqualTo(defaults.allowedConsecutiveErrors());
			assertThat(policy.errorWindow()).isEqualTo(defaults.errorWindow());
			assertThat(policy.backoff()).isEqualTo(defaults.backoff());
			assertThat(policy.fatal()).hasToString("none");
			assertThat(options.closeTimeout()).isEqualTo(EndpointOptions.defaults().closeTimeout());
			assertThat(options.autoStart()).isTrue();
			assertThat(context.getBean(BrokerLifecycle.class).getPhase()).isEqualTo(BrokerLifecycle.PHASE);
		});
	}

	@Test
	void theBrokerStartsWithTheApplicationUnlessToldOtherwise() {
		BrokerProperties properties = new Binder(new MapConfigurationPropertySource()).bindOrCreate("broker",
				BrokerProperties.class);
		assertThat(properties.lifecycle().autoStartup()).isTrue();
		assertThat(properties.lifecycle().phase()).isEqualTo(BrokerLifecycle.PHASE);
		assertThat(properties.historySize()).isEqualTo(20);
		assertThat(properties.threads()).isEqualTo(BrokerProperties.Threads.AUTO);
		assertThat(properties.enabled()).isTrue();
	}

	@Test
	void sharedPropertiesHoldForEveryEndpoint() {
		this.contextRunner
			.withPropertyValues("broker.restart.mode=always", "broker.restart.allowed-consecutive-errors=7",
					"broker.restart.error-window=2s", "broker.restart.delay=1s", "broker.restart.multiplier=1.5",
					"broker.restart.max-delay=9s", "broker.restart.jitter=0",
					"broker.restart.fatal-exceptions=java.io.IOException", "broker.close-timeout=3s",
					"broker.auto-start=false", "broker.lifecycle.phase=42")
			.run((context) -> {
				for (String id : new String[] { "tcp", "priceFeed" }) {
					EndpointOptions options = options(context, id);
					RestartPolicy policy = options.restartPolicy();
					assertThat(policy.mode()).isEqualTo(RestartMode.ALWAYS);
					assertThat(policy.allowedConsecutiveErrors()).isEqualTo(7);
					assertThat(policy.errorWindow()).isEqualTo(Duration.ofSeconds(2));
					assertThat(policy.backoff())
						.isEqualTo(new Backoff(Duration.ofSeconds(1), 1.5, Duration.ofSeconds(9), Duration.ZERO));
					assertThat(policy.fatal().test(new FileNotFoundException())).isTrue();
					assertThat(policy.fatal().test(new IllegalStateException(new IOException()))).isFalse();
					assertThat(options.closeTimeout()).isEqualTo(Duration.ofSeconds(3));
					assertThat(options.autoStart()).isFalse();
				}
				assertThat(context.getBean(BrokerLifecycle.class).getPhase()).isEqualTo(42);
			});
	}

	@Test
	void anEndpointIsCriticalAndItsDropHarmlessUnlessConfiguredForAllOrForOne() {
		this.contextRunner
			.run((context) -> assertThat(effect(context, "tcp")).isEqualTo(new DropEffect(true, OnDrop.NONE))
				.isEqualTo(DropEffect.defaults()));
		this.contextRunner
			.withPropertyValues("broker.critical=false", "broker.on-drop=shutdown",
					"broker.endpoints.tcp.critical=true", "broker.endpoints.tcp.on-drop=none")
			.run((context) -> {
				assertThat(effect(context, "tcp")).isEqualTo(new DropEffect(true, OnDrop.NONE));
				assertThat(effect(context, "priceFeed")).isEqualTo(new DropEffect(false, OnDrop.SHUTDOWN));
			});
	}

	@Test
	void aDropThatEndsTheApplicationIsFinalWhateverElseIsConfigured() {
		this.contextRunner
			.withPropertyValues("broker.restart.revive-after=5s", "broker.endpoints.tcp.restart.revive-after=6s",
					"broker.endpoints.tcp.on-drop=shutdown")
			.withBean(EndpointOptionsCustomizer.class,
					() -> (id, options) -> options.closeTimeout(Duration.ofSeconds(8))
						.restartPolicy(RestartPolicy.builder().reviveAfter(Duration.ofSeconds(7)).build()))
			.run((context) -> {
				assertThat(options(context, "tcp").restartPolicy().reviveAfter()).isNull();
				assertThat(options(context, "tcp").closeTimeout()).isEqualTo(Duration.ofSeconds(8));
				assertThat(options(context, "priceFeed").restartPolicy().reviveAfter())
					.isEqualTo(Duration.ofSeconds(7));
			});
	}

	@Test
	void aDroppedEndpointRevivesAfterAMinuteUnlessThatIsSwitchedOff() {
		this.contextRunner.withPropertyValues("broker.endpoints.tcp.restart.revive-after=0s").run((context) -> {
			assertThat(options(context, "tcp").restartPolicy().reviveAfter()).isNull();
			assertThat(options(context, "priceFeed").restartPolicy().reviveAfter()).isEqualTo(Duration.ofMinutes(1));
		});
	}

	@Test
	void sharedTimeLimitsHoldForContextualEndpointsOnly() {
		this.contextRunner
			.withBean("feed", EndpointFactory.class,
					() -> (ContextualEndpointFactory) (context) -> new ScriptedEndpoint(), TestEndpoints.supervised())
			.withPropertyValues("broker.start-timeout=5s", "broker.heartbeat-timeout=6s",
					"broker.endpoints.priceFeed.start-timeout=7s", "broker.explicit-ready=true")
			.run((context) -> {
				assertThat(options(context, "feed").startTimeout()).isEqualTo(Duration.ofSeconds(5));
				assertThat(options(context, "feed").heartbeatTimeout()).isEqualTo(Duration.ofSeconds(6));
				assertThat(options(context, "feed").explicitReady()).isTrue();
				assertThat(options(context, "tcp").explicitReady()).isFalse();
				assertThat(options(context, "tcp").startTimeout()).isNull();
				assertThat(options(context, "tcp").heartbeatTimeout()).isNull();
				assertThat(options(context, "priceFeed").startTimeout()).isEqualTo(Duration.ofSeconds(7));
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "restart-delay", "restart.max.delay", "close.timeout", "auto.start", "restart.delay7",
			"history-size" })
	void aMisspeltSettingOfAnEndpointFailsTheStart(String setting) {
		this.contextRunner.withPropertyValues("broker.endpoints.tcp." + setting + "=1")
			.run((context) -> assertRefused(context, "broker.endpoints.tcp." + setting,
					"is no setting of an endpoint"));
	}

	@Test
	void anEndpointsOwnPropertiesComeFirst() {
		this.contextRunner
			.withPropertyValues("broker.restart.delay=1s", "broker.close-timeout=3s",
					"broker.restart.fatal-exceptions=java.io.IOException", "broker.endpoints.tcp.close-timeout=4s",
					"broker.endpoints.tcp.auto-start=false", "broker.endpoints.tcp.restart.mode=never",
					"broker.endpoints.tcp.restart.allowed-consecutive-errors=unlimited",
					"broker.endpoints.tcp.restart.fatal-exceptions=")
			.run((context) -> {
				EndpointOptions tcp = options(context, "tcp");
				assertThat(tcp.closeTimeout()).isEqualTo(Duration.ofSeconds(4));
				assertThat(tcp.autoStart()).isFalse();
				assertThat(tcp.restartPolicy().mode()).isEqualTo(RestartMode.NEVER);
				assertThat(tcp.restartPolicy().allowedConsecutiveErrors()).isEqualTo(RestartPolicy.UNLIMITED);
				assertThat(tcp.restartPolicy().backoff().delay()).isEqualTo(Duration.ofSeconds(1));
				assertThat(tcp.restartPolicy().fatal().test(new IOException())).isFalse();
				EndpointOptions other = options(context, "priceFeed");
				assertThat(other.closeTimeout()).isEqualTo(Duration.ofSeconds(3));
				assertThat(other.autoStart()).isTrue();
				assertThat(other.restartPolicy().fatal().test(new IOException())).isTrue();
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "${UNDEFINED:}" })
	void anEmptyValueOfAnEndpointLeavesTheSharedOne(String empty) {
		this.contextRunner
			.withPropertyValues("broker.close-timeout=3s", "broker.auto-start=false", "broker.restart.multiplier=3",
					"broker.restart.mode=always", "broker.on-drop=shutdown", "broker.heartbeat-timeout=6s",
					"broker.endpoints.tcp.close-timeout=" + empty, "broker.endpoints.tcp.auto-start=" + empty,
					"broker.endpoints.tcp.restart.multiplier=" + empty, "broker.endpoints.tcp.restart.mode=" + empty,
					"broker.endpoints.tcp.on-drop=" + empty, "broker.endpoints.tcp.heartbeat-timeout=" + empty)
			.run((context) -> {
				EndpointOptions options = options(context, "tcp");
				assertThat(options.closeTimeout()).isEqualTo(Duration.ofSeconds(3));
				assertThat(options.autoStart()).isFalse();
				assertThat(options.restartPolicy().backoff().multiplier()).isEqualTo(3);
				assertThat(options.restartPolicy().mode()).isEqualTo(RestartMode.ALWAYS);
				assertThat(options.heartbeatTimeout()).as("of an endpoint that has no heartbeat").isNull();
				assertThat(effect(context, "tcp").onDrop()).isEqualTo(OnDrop.SHUTDOWN);
			});
	}

	@Test
	void anEndpointsOwnValueComesFirstAlsoWhereTheSharedOneIsInAStrongerSource() {
		withVariables(Map.of("BROKER_CLOSE_TIMEOUT", "3s", "BROKER_RESTART_FATALEXCEPTIONS_0", "java.io.IOException"))
			.withPropertyValues("broker.endpoints.tcp.close-timeout=4s",
					"broker.endpoints.tcp.restart.fatal-exceptions=java.lang.IllegalStateException")
			.run((context) -> {
				EndpointOptions tcp = options(context, "tcp");
				assertThat(tcp.closeTimeout()).isEqualTo(Duration.ofSeconds(4));
				assertThat(tcp.restartPolicy().fatal().test(new IllegalStateException())).isTrue();
				assertThat(tcp.restartPolicy().fatal().test(new IOException())).isFalse();
				assertThat(options(context, "priceFeed").closeTimeout()).isEqualTo(Duration.ofSeconds(3));
			});
	}

	@Test
	void settingsOfOneEndpointThatAreWrittenInTwoWaysAreTakenTogether() {
		withVariables(Map.of("BROKER_ENDPOINTS_PRICEFEED_CLOSETIMEOUT", "4s"))
			.withPropertyValues("broker.close-timeout=3s", "broker.endpoints.priceFeed.close-timeout=5s",
					"broker.endpoints.priceFeed.auto-start=false")
			.run((context) -> {
				assertThat(options(context, "priceFeed").closeTimeout()).isEqualTo(Duration.ofSeconds(4));
				assertThat(options(context, "priceFeed").autoStart()).isFalse();
			});
	}

	@Test
	void anEndpointsListReplacesTheSharedOneAndIsNotMixedWithIt() {
		this.contextRunner
			.withPropertyValues("broker.restart.fatal-exceptions[0]=java.io.IOException",
					"broker.restart.fatal-exceptions[1]=java.lang.ArithmeticException",
					"broker.endpoints.tcp.restart.fatal-exceptions[0]=java.lang.IllegalStateException")
			.run((context) -> {
				RestartPolicy tcp = options(context, "tcp").restartPolicy();
				assertThat(tcp.fatal().test(new IllegalStateException())).isTrue();
				assertThat(tcp.fatal().test(new IOException())).isFalse();
				assertThat(tcp.fatal().test(new ArithmeticException())).isFalse();
				assertThat(options(context, "priceFeed").restartPolicy().fatal().test(new ArithmeticException()))
					.isTrue();
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "broker.restart.fatal-exceptions", "broker.endpoints.tcp.restart.fatal-exceptions" })
	void aGapInAListFailsTheStart(String key) {
		this.contextRunner.withPropertyValues(key + "[0]=java.io.IOException", key + "[2]=java.io.IOException")
			.run((context) -> assertThat(context).getFailure().rootCause().hasMessageContaining(key + "[2]"));
	}

	@ParameterizedTest
	@CsvSource({ "broker.endpoints.priceFeed.auto-start", "broker.endpoints.price-feed.auto-start",
			"broker.endpoints[priceFeed].auto-start" })
	void anIdMayBeWrittenAsSpringBootAllowsForKeys(String key) {
		this.contextRunner.withPropertyValues(key + "=false")
			.run((context) -> assertThat(options(context, "priceFeed").autoStart()).isFalse());
	}

	@ParameterizedTest
	@ValueSource(strings = { "BROKER_ENDPOINTS_PRICEFEED_AUTOSTART", "BROKER_ENDPOINTS_PRICEFEED_AUTO_START" })
	void anEnvironmentVariableReachesAnEndpoint(String variable) {
		this.contextRunner
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new SystemEnvironmentPropertySource("test-systemEnvironment", Map.of(variable, "false"))))
			.run((context) -> assertThat(options(context, "priceFeed").autoStart()).isFalse());
	}

	private ApplicationContextRunner withVariables(Map<String, Object> variables) {
		return this.contextRunner.withInitializer((context) -> context.getEnvironment()
			.getPropertySources()
			.addFirst(new SystemEnvironmentPropertySource("test-systemEnvironment", variables)));
	}

	@ParameterizedTest
	@CsvSource({ "PRICEFEED, priceFeed", "BOOK, book", "ORDERBOOK, order-book", "ORDER_BOOK, order-book",
			"MYFEED, my.feed", "MY_FEED, my.feed", "FEED2, feed2", "LINE3, line-3", "LINE_3, line-3", "UDP_IN, udp_in",
			"UDPIN, udp_in" })
	void anEnvironmentVariableReachesAnEndpointWithAnyNameForEveryKindOfSetting(String written, String id) {
		String prefix = "BROKER_ENDPOINTS_" + written;
		ApplicationContextRunner runner = withVariables(
				Map.of(prefix + "_AUTOSTART", "false", prefix + "_CLOSE_TIMEOUT", "3s", prefix + "_RESTART_MAXDELAY",
						"9s", prefix + "_RESTART_FATAL_EXCEPTIONS_0", "java.io.IOException",
						prefix + "_RESTART_FATALEXCEPTIONS_1", "java.lang.IllegalStateException"));
		for (String name : new String[] { "book", "order-book", "my.feed", "feed2", "line-3", "udp_in" }) {
			runner = runner.withBean(name, EndpointFactory.class, ScriptedFactory::new, TestEndpoints.supervised());
		}
		runner.run((context) -> {
			assertThat(context).hasNotFailed();
			EndpointOptions options = options(context, id);
			assertThat(options.autoStart()).isFalse();
			assertThat(options.closeTimeout()).isEqualTo(Duration.ofSeconds(3));
			assertThat(options.restartPolicy().backoff().maxDelay()).isEqualTo(Duration.ofSeconds(9));
			assertThat(options.restartPolicy().fatal().test(new IOException())).isTrue();
			assertThat(options.restartPolicy().fatal().test(new IllegalStateException())).isTrue();
			assertThat(options(context, "tcp").autoStart()).isTrue();
		});
	}

	@Test
	void aListInAnEnvironmentVariableWorksForAllEndpoints() {
		withVariables(Map.of("BROKER_RESTART_FATAL_EXCEPTIONS_0", "java.io.IOException"))
			.run((context) -> assertThat(options(context, "tcp").restartPolicy().fatal().test(new IOException()))
				.isTrue());
	}

	@Test
	void variablesThatAPlatformSetsForAServiceOfThatNameAreIgnored() {
		Map<String, Object> variables = new HashMap<>();
		for (String service : new String[] { "", "_TCP", "_OTHER" }) {
			String prefix = "BROKER_ENDPOINTS" + service;
			variables.putAll(Map.of(prefix + "_SERVICE_HOST", "10.96.7.12", prefix + "_SERVICE_PORT", "8080",
					prefix + "_SERVICE_PORT_HTTP_ADMIN", "8081", prefix + "_PORT", "tcp://10.96.7.12:8080",
					prefix + "_PORT_8080_TCP", "tcp://10.96.7.12:8080", prefix + "_PORT_8080_TCP_PROTO", "tcp",
					prefix + "_PORT_8080_TCP_PORT", "8080", prefix + "_PORT_8080_TCP_ADDR", "fd00::12"));
		}
		variables.put("BROKER_ENDPOINTS_NAME", "/app/broker-endpoints");
		variables.put("BROKER_ENDPOINTS_ENV_JAVA_HOME", "/opt/java");
		withVariables(variables).run((context) -> assertThat(context).hasNotFailed());
	}

	@ParameterizedTest
	@CsvSource({ "SERVICE_HOST, true", "SERVICE_PORT, http", "PORT_8080_TCP_ADDR, nobody", "NAME, feed",
			"ENV_JAVA_HOME, /opt/java", "TCP_PORT, 8080", "TCP_SERVICE_HOST, localhost:80" })
	void aVariableThatNoPlatformSetsIsRefused(String variable, String value) {
		withVariables(Map.of("BROKER_ENDPOINTS_" + variable, value))
			.run((context) -> assertRefused(context, "BROKER_ENDPOINTS_" + variable, "'" + value + "'"));
	}

	@Test
	void aMisspeltEnvironmentVariableIsRefusedWithTheRightSpelling() {
		withVariables(Map.of("BROKER_ENDPOINTS_PRICE_FEDE_RESTART_MAXDELAY", "1s"))
			.run((context) -> assertAdvised(context, "An environment variable names an id by its letters and digits",
					"'BROKER_ENDPOINTS_TCP_AUTOSTART' is for 'tcp'"));
		withVariables(Map.of("BROKER_ENDPOINTS_TPC_RESTART_MAX_DELAY", "1s"))
			.run((context) -> assertAdvised(context, "Write 'BROKER_ENDPOINTS_TCP_RESTART_MAX_DELAY' instead"));
		withVariables(Map.of("BROKER_ENDPOINTS_TCP_RESTART_MAX_DELY", "1s"))
			.run((context) -> assertAdvised(context, "Write 'BROKER_ENDPOINTS_TCP_RESTART_MAXDELAY' instead"));
	}

	@Test
	void aVariableThatMayMeanTwoIdsIsRefusedWithAKeyThatWorks() {
		withVariables(Map.of("BROKER_ENDPOINTS_TCP_AUTOSTART", "false"))
			.withBean("TCP", EndpointFactory.class, ScriptedFactory::new, TestEndpoints.supervised())
			.withPropertyValues("broker.endpoints[TCP].close-timeout=3s")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(options(context, "tcp").autoStart()).as("written alike").isFalse();
				assertThat(options(context, "TCP").closeTimeout()).isEqualTo(Duration.ofSeconds(3));
			});
		withVariables(Map.of("BROKER_ENDPOINTS_PRICEFEED_AUTOSTART", "false"))
			.withBean("price-feed", EndpointFactory.class, ScriptedFactory::new, TestEndpoints.supervised())
			.run((context) -> {
				assertRefused(context, "may be 'price-feed' or 'priceFeed'");
				assertAdvised(context, "broker.endpoints[price-feed].auto-start",
						"An environment variable cannot distinguish them");
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "broker:", "broker:\n  endpoints:", "broker:\n  endpoints: {}",
			"broker:\n  endpoints:\n    tcp:", "broker:\n  endpoints:\n    tcp: {}",
			"broker:\n  endpoints:\n    tcp:\n      restart:", "broker:\n  endpoints:\n    tcp:\n      close-timeout:",
			"broker:\n  restart:", "broker:\n  health:", "broker:\n  lifecycle:" })
	void anEmptySectionLeavesTheDefaults(String yaml) {
		this.contextRunner.withInitializer((context) -> {
			try {
				new YamlPropertySourceLoader()
					.load("yaml", new ByteArrayResource(yaml.getBytes(StandardCharsets.UTF_8)))
					.forEach((source) -> context.getEnvironment().getPropertySources().addFirst(source));
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(options(context, "tcp")).hasToString(EndpointOptions.builder()
				.restartPolicy(options(context, "priceFeed").restartPolicy())
				.build()
				.toString());
		});
	}

	@ParameterizedTest
	@CsvSource({ "broker.endpoints[0], 'host:7070', is an element of a list",
			"broker.endpoints[0].host, example.org, is an element of a list",
			"broker.endpoints, 'host:7070,host:7071', is a value", "broker.endpoints.tcp, 'host:7070', is a value",
			"broker.endpoints.tcp.restart, always, is no setting" })
	void aValueOrAListWhereASectionIsExpectedIsRefused(String key, String value, String found) {
		this.contextRunner.withPropertyValues(key + "=" + value)
			.run((context) -> assertRefused(context, "'" + key + "'", "'" + value + "'", found));
	}

	@Test
	void aValueForTheSectionOfAnEndpointIsRefusedWithAllIds() {
		this.contextRunner.withPropertyValues("broker.endpoints.priceFeed=1")
			.run((context) -> assertRefused(context, "for example 'broker.endpoints.priceFeed.auto-start'",
					"known ids are ", "'tcp'", "'priceFeed'"));
	}

	@Test
	void aValueForASharedSectionIsRefusedAlsoIfASettingOfTheSectionIsThere() {
		this.contextRunner.withPropertyValues("broker.restart=always", "broker.restart.delay=1s").run((context) -> {
			assertRefused(context, "'broker.restart' with value 'always'", "is a section");
			assertAdvised(context, "Write 'broker.restart.mode=always' instead");
		});
	}

	@Test
	void aVariableForASharedSectionIsRefusedAsVariablesAreSpelt() {
		this.contextRunner
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new SystemEnvironmentPropertySource("test-systemEnvironment",
						Map.of("BROKER_HEALTH", "not_serving"))))
			.run((context) -> {
				assertRefused(context, "'broker.health' with value 'not_serving'");
				assertAdvised(context, "Write 'BROKER_HEALTH_DOWNWHEN=not_serving' instead");
			});
	}

	@ParameterizedTest
	@CsvSource({
			"restart, 'mode, allowed-consecutive-errors, error-window, delay, multiplier, max-delay, jitter, "
					+ "fatal-exceptions, revive-after, max-concurrent'",
			"health, down-when", "gate, 'poll-interval, timeout, evict'", "lifecycle, 'phase, auto-startup'" })
	void allSectionsAndTheirSettingsAreKnown(String section, String settings) {
		String known = Stream.of(settings.split(", "))
			.map((setting) -> "broker." + section + "." + setting)
			.collect(Collectors.joining(", "));
		this.contextRunner.withPropertyValues("broker." + section + "=1").run((context) -> {
			assertRefused(context, "'broker." + section + "' is a section of settings. Known settings are " + known);
			assertThat(context.getStartupFailure()).rootCause().message().endsWith(known);
		});
	}

	static Stream<String> settingsOfAnEndpoint() {
		return EndpointProperties.KEYS.keySet().stream().map(Object::toString);
	}

	@ParameterizedTest
	@MethodSource("settingsOfAnEndpoint")
	void everySettingIsReadForAllEndpointsAndForOne(String setting) {
		for (String key : new String[] { "broker." + setting, "broker.endpoints.tcp." + setting }) {
			this.contextRunner.withPropertyValues(key + "=?")
				.run((context) -> assertThat(context).getFailure().hasStackTraceContaining("'" + key + "'"));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "broker.endpoints[0]", "broker.endpoints", "broker.endpoints.prices" })
	void theRefusalTellsWhereAnApplicationPutsAPropertyOfItsOwn(String key) {
		this.contextRunner.withPropertyValues(key + "=host:7070")
			.run((context) -> assertAdvised(context, "If it is a property of your own application, give it a name "
					+ "that does not begin with 'broker.endpoints', for example 'app.endpoints'."));
	}

	@Test
	void aKeyWhoseIdNeedsBracketsIsRefusedWithTheKeyInBrackets() {
		this.contextRunner.withPropertyValues("broker.endpoints.my.feed.restart.delay=1s")
			.withBean("my.feed", EndpointFactory.class, ScriptedFactory::new, TestEndpoints.supervised())
			.run((context) -> {
				assertRefused(context, "Did you mean 'my.feed'?");
				assertAdvised(context, "Write 'broker.endpoints[my.feed].restart.delay' instead",
						"(in YAML, quoted: \"[my.feed]\")");
			});
	}

	@Test
	void aSourceThatCannotListItsKeysReachesAnEndpoint() {
		this.contextRunner.withInitializer((context) -> context.getEnvironment()
			.getPropertySources()
			.addFirst(new PropertySource<>("unlisted", Map.of("broker.endpoints.tcp.auto-start", "false")) {

				@Override
				public @Nullable Object getProperty(String name) {
					return this.source.get(name);
				}

			})).run((context) -> assertThat(options(context, "tcp").autoStart()).isFalse());
	}

	@ParameterizedTest
	@CsvSource({ "restart.multiplier, 0.5, must be a number of at least 1",
			"restart.multiplier, NaN, must be a number of at least 1",
			"restart.max-delay, 100ms, must not be below broker.restart.delay (PT0.2S)",
			"restart.delay, 31s, must not be above broker.restart.max-delay (PT30S)",
			"restart.delay, -1s, must not be negative", "restart.jitter, -1s, must not be negative",
			"restart.error-window, 0s, must be longer than zero", "close-timeout, 0s, must be longer than zero",
			"restart.allowed-consecutive-errors, 0, 'must be a number of at least 1, or \"unlimited\"'",
			"restart.allowed-consecutive-errors, many, 'must be a number of at least 1, or \"unlimited\"'",
			"restart.fatal-exceptions, java.lang.String, is not a Throwable",
			"restart.fatal-exceptions, no.such.Error, there is no class" })
	void aSharedValueThatMakesNoSenseFailsTheStartWithKeyValueAndRule(String key, String value, String rule) {
		this.contextRunner.withPropertyValues("broker." + key + "=" + value)
			.run((context) -> assertRefused(context, "'broker." + key + "'", "'" + value + "'", rule));
	}

	@ParameterizedTest
	@CsvSource({ "restart.multiplier, 0.5", "restart.max-delay, 100ms", "restart.delay, 31s",
			"restart.error-window, 0s", "restart.allowed-consecutive-errors, -1", "close-timeout, -1s",
			"restart.fatal-exceptions, java.lang.String" })
	void anEndpointsOwnValueThatMakesNoSenseIsRefusedUnderItsOwnKey(String key, String value) {
		this.contextRunner.withPropertyValues("broker.endpoints.tcp." + key + "=" + value)
			.run((context) -> assertRefused(context, "'broker.endpoints.tcp." + key + "'", "'" + value + "'"));
	}

	@Test
	void aWrongClassInAListIsRefusedWithItsIndex() {
		this.contextRunner
			.withPropertyValues("broker.restart.fatal-exceptions[0]=java.io.IOException",
					"broker.restart.fatal-exceptions[1]=no.such.Error")
			.run((context) -> assertRefused(context, "broker.restart.fatal-exceptions[1]", "no.such.Error"));
	}

	@Test
	void aNegativeHistorySizeIsRefused() {
		this.contextRunner.withPropertyValues("broker.history-size=-1")
			.run((context) -> assertRefused(context, "'broker.history-size'", "'-1'"));
	}

	@Test
	@EnabledForJreRange(max = JRE.JAVA_20)
	void virtualThreadsAreRefusedWhereThereAreNone() {
		this.contextRunner.withPropertyValues("broker.threads=virtual")
			.run((context) -> assertRefused(context, "'broker.threads'", "'virtual'", "Java 21"));
	}

	@Test
	void aValueThatCannotBeConvertedFailsTheStart() {
		this.contextRunner.withPropertyValues("broker.endpoints.tcp.close-timeout=soon")
			.run((context) -> assertThat(context).getFailure().rootCause().hasMessageContaining("soon"));
	}

	@Test
	void aKeyForAnUnknownEndpointFailsTheStartWithTheKnownIds() {
		this.contextRunner.withPropertyValues("broker.endpoints.tpc.close-timeout=1s")
			.run((context) -> assertRefused(context, "'broker.endpoints.tpc.close-timeout'", "'1s'",
					"for an endpoint 'tpc' that does not exist",
					"known ids are 'tcp', 'priceFeed'. Did you mean 'tcp'?"));
	}

	@Test
	void readinessAndHeartbeatSettingsFailTheStartOfAnEndpointThatIsNotContextual() {
		this.contextRunner.withPropertyValues("broker.endpoints.tcp.explicit-ready=true")
			.withPropertyValues("broker.lifecycle.auto-startup=true")
			.run((context) -> assertRefused(context, "'broker.endpoints.tcp.explicit-ready'", "'true'",
					"cannot call ready()"));
		this.contextRunner.withPropertyValues("broker.endpoints.tcp.heartbeat-timeout=5s")
			.withPropertyValues("broker.lifecycle.auto-startup=true")
			.run((context) -> assertRefused(context, "'broker.endpoints.tcp.heartbeat-timeout'", "'5s'",
					"cannot call heartbeat()"));
	}

	@Test
	void aRefusedValueIsNamedWithItsOrigin() {
		this.contextRunner
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new OriginTrackedMapPropertySource("file",
						Map.of("broker.restart.multiplier", OriginTrackedValue.of("0.5", new TestOrigin())))))
			.run((context) -> assertRefused(context, "(originating from line 7 of the test)"));
	}

	@Test
	void aCloseTimeoutThatTheShutdownWillNotWaitForWarns(CapturedOutput output) {
		this.contextRunner
			.withPropertyValues("spring.lifecycle.timeout-per-shutdown-phase=5s", "broker.close-timeout=5s",
					"broker.endpoints.tcp.close-timeout=6s")
			.run((context) -> {
				options(context, "tcp");
				assertThat(output).contains("tcp: the close timeout PT6S (broker.endpoints.tcp.close-timeout")
					.contains("spring.lifecycle.timeout-per-shutdown-phase (PT5S)")
					.doesNotContain("priceFeed: the close timeout");
			});
	}

	@Test
	void customizersChangeTheOptionsAfterThePropertiesInTheirOrder() {
		this.contextRunner.withPropertyValues("broker.close-timeout=3s")
			.withBean(EndpointOptionsCustomizer.class, () -> (id, options) -> {
				if (id.equals("tcp")) {
					options.closeTimeout(Duration.ofSeconds(8));
				}
			})
			.run((context) -> {
				assertThat(options(context, "tcp").closeTimeout()).isEqualTo(Duration.ofSeconds(8));
				assertThat(options(context, "priceFeed").closeTimeout()).isEqualTo(Duration.ofSeconds(3));
			});
	}

	private static final class TestOrigin implements Origin {

		@Override
		public String toString() {
			return "line 7 of the test";
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(TestEndpoints.Tcp.class)
	static class TcpAndPriceFeed {

		@Bean
		@Supervised
		ScriptedFactory priceFeed() {
			return new ScriptedFactory();
		}

	}

}
