package dev.cider.broker.spring.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointOptions;
import dev.cider.broker.EndpointState;
import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.DropEffect;
import dev.cider.broker.spring.OnDrop;
import dev.cider.broker.spring.ScriptedEndpoint;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.TestEndpoints;
import dev.cider.broker.spring.health.DownWhen;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ByteArrayResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Settings by name: which value an endpoint gets, and what is refused.
 */
class NamedConfigsTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(BrokerAutoConfiguration.class))
		.withUserConfiguration(TestEndpoints.TcpAndUdp.class)
		.withPropertyValues("broker.lifecycle.auto-startup=false");

	private static EndpointOptions options(AssertableApplicationContext context, String id) {
		return context.getBean(BrokerLifecycle.class).options(id);
	}

	private static Backoff backoff(AssertableApplicationContext context, String id) {
		return options(context, id).restartPolicy().backoff();
	}

	private static DropEffect effect(AssertableApplicationContext context, String id) {
		return context.getBean(BrokerLifecycle.class).dropEffect(id);
	}

	private static DownWhen downWhen(AssertableApplicationContext context, String id) {
		return context.getBean(BeanFactoryBlueprint.class).downWhen(id);
	}

	private static FailureAnalysis analysis(AssertableApplicationContext context) {
		assertThat(context).hasFailed();
		FailureAnalysis analysis = new InvalidBrokerPropertyFailureAnalyzer()
			.analyze(Objects.requireNonNull(context.getStartupFailure()));
		assertThat(analysis).as("analysis of " + context.getStartupFailure()).isNotNull();
		return Objects.requireNonNull(analysis);
	}

	private ApplicationContextRunner withVariables(Map<String, Object> variables) {
		return this.contextRunner.withInitializer((context) -> context.getEnvironment()
			.getPropertySources()
			.addFirst(new SystemEnvironmentPropertySource("test-systemEnvironment", variables)));
	}

	private ApplicationContextRunner withYaml(String yaml) {
		return this.contextRunner.withInitializer((context) -> {
			try {
				new YamlPropertySourceLoader()
					.load("yaml", new ByteArrayResource(yaml.getBytes(StandardCharsets.UTF_8)))
					.forEach((source) -> context.getEnvironment().getPropertySources().addFirst(source));
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		});
	}

	@Test
	void aClientIsNeverDroppedForErrorsWaitsUpTo30SecondsAndMakesHealthDownWhileItDoesNotServe() {
		this.contextRunner
			.withPropertyValues("broker.endpoints.tcp.base-config=client",
					"broker.restart.allowed-consecutive-errors=2", "broker.restart.max-delay=10s",
					"broker.restart.delay=1s")
			.run((context) -> {
				assertThat(options(context, "tcp").restartPolicy().allowedConsecutiveErrors())
					.isEqualTo(RestartPolicy.UNLIMITED);
				assertThat(backoff(context, "tcp").maxDelay()).isEqualTo(Duration.ofSeconds(30));
				assertThat(downWhen(context, "tcp")).isEqualTo(DownWhen.NOT_SERVING);
				assertThat(backoff(context, "tcp").delay()).as("not a setting of 'client'")
					.isEqualTo(Duration.ofSeconds(1));
				assertThat(options(context, "udp").restartPolicy().allowedConsecutiveErrors()).isEqualTo(2);
				assertThat(backoff(context, "udp").maxDelay()).isEqualTo(Duration.ofSeconds(10));
				assertThat(downWhen(context, "udp")).isEqualTo(DownWhen.DROPPED);
			});
	}

	@Test
	void aServerHasAllDefaultsWhateverTheSharedSettingsSay() {
		Map<String, EndpointOptions> expected = new HashMap<>();
		this.contextRunner
			.withBean("feed", EndpointFactory.class, NamedConfigsTests::contextual, TestEndpoints.supervised())
			.run((context) -> Stream.of("tcp", "feed").forEach((id) -> expected.put(id, options(context, id))));
		this.contextRunner
			.withBean("feed", EndpointFactory.class, NamedConfigsTests::contextual, TestEndpoints.supervised())
			.withPropertyValues("broker.restart.mode=always", "broker.restart.allowed-consecutive-errors=7",
					"broker.restart.error-window=2s", "broker.restart.delay=1s", "broker.restart.multiplier=1.5",
					"broker.restart.max-delay=9s", "broker.restart.jitter=0", "broker.restart.revive-after=9s",
					"broker.restart.fatal-exceptions=java.io.IOException", "broker.close-timeout=3s",
					"broker.auto-start=false", "broker.critical=false", "broker.on-drop=shutdown",
					"broker.start-timeout=5s", "broker.heartbeat-timeout=5s", "broker.explicit-ready=true",
					"broker.health.down-when=not-serving", "broker.endpoints.tcp.base-config=server",
					"broker.endpoints.feed.base-config=server")
			.run((context) -> {
				for (String id : new String[] { "tcp", "feed" }) {
					assertThat(options(context, id)).hasToString(expected.get(id).toString());
					assertThat(effect(context, id)).isEqualTo(new DropEffect(true, OnDrop.NONE));
					assertThat(downWhen(context, id)).isEqualTo(DownWhen.DROPPED);
				}
				assertThat(options(context, "udp").restartPolicy().mode()).isEqualTo(RestartMode.ALWAYS);
			});
	}

	private static EndpointFactory contextual() {
		return (ContextualEndpointFactory) (context) -> new ScriptedEndpoint();
	}

	@Test
	void theEndpointComesBeforeItsConfigThisBeforeItsBaseAndThisBeforeTheSharedSettings() {
		this.contextRunner
			.withPropertyValues("broker.endpoints.tcp.base-config=near", "broker.endpoints.tcp.restart.delay=1s",
					"broker.configs.near.base-config=far", "broker.configs.near.restart.delay=2s",
					"broker.configs.near.restart.jitter=2s", "broker.configs.far.restart.delay=3s",
					"broker.configs.far.restart.jitter=3s", "broker.configs.far.restart.multiplier=3",
					"broker.restart.delay=4s", "broker.restart.jitter=4s", "broker.restart.multiplier=4",
					"broker.restart.max-delay=40s", "broker.endpoints.udp.base-config=far")
			.run((context) -> {
				assertThat(backoff(context, "tcp"))
					.isEqualTo(new Backoff(Duration.ofSeconds(1), 3, Duration.ofSeconds(40), Duration.ofSeconds(2)));
				assertThat(backoff(context, "udp"))
					.isEqualTo(new Backoff(Duration.ofSeconds(3), 3, Duration.ofSeconds(40), Duration.ofSeconds(3)));
				assertThat(options(context, "udp").closeTimeout()).as("default").isEqualTo(Duration.ofSeconds(20));
			});
	}

	@Test
	void theSharedBaseConfigComesAfterTheSharedSettings() {
		this.contextRunner
			.withPropertyValues("broker.base-config=near", "broker.configs.near.base-config=client",
					"broker.configs.near.restart.delay=2s", "broker.configs.near.restart.multiplier=5",
					"broker.configs.near.restart.jitter=2s", "broker.restart.delay=3s",
					"broker.configs.own.restart.jitter=4s", "broker.endpoints.tcp.base-config=own",
					"broker.configs.near.critical=false")
			.run((context) -> {
				assertThat(backoff(context, "tcp"))
					.isEqualTo(new Backoff(Duration.ofSeconds(3), 5, Duration.ofSeconds(30), Duration.ofSeconds(4)));
				assertThat(backoff(context, "udp"))
					.isEqualTo(new Backoff(Duration.ofSeconds(3), 5, Duration.ofSeconds(30), Duration.ofSeconds(2)));
				for (String id : new String[] { "tcp", "udp" }) {
					assertThat(options(context, id).restartPolicy().allowedConsecutiveErrors())
						.isEqualTo(RestartPolicy.UNLIMITED);
					assertThat(downWhen(context, id)).isEqualTo(DownWhen.NOT_SERVING);
					assertThat(effect(context, id).critical()).isFalse();
				}
			});
	}

	@Test
	void aSharedBaseConfigIsOfUseToContextualEndpointsOnlyWhereTheSharedSettingsAre() {
		this.contextRunner
			.withBean("feed", EndpointFactory.class, NamedConfigsTests::contextual, TestEndpoints.supervised())
			.withPropertyValues("broker.base-config=strict", "broker.configs.strict.start-timeout=5s",
					"broker.configs.strict.heartbeat-timeout=6s", "broker.configs.strict.explicit-ready=true")
			.run((context) -> {
				assertThat(options(context, "feed").startTimeout()).isEqualTo(Duration.ofSeconds(5));
				assertThat(options(context, "feed").heartbeatTimeout()).isEqualTo(Duration.ofSeconds(6));
				assertThat(options(context, "feed").explicitReady()).isTrue();
				assertThat(options(context, "tcp").startTimeout()).isNull();
				assertThat(options(context, "tcp").heartbeatTimeout()).isNull();
				assertThat(options(context, "tcp").explicitReady()).isFalse();
			});
	}

	@Test
	void aKeyOfABuiltInConfigCanBeOverriddenAndTheOthersStay() {
		this.contextRunner
			.withPropertyValues("broker.configs.client.restart.max-delay=5s", "broker.endpoints.tcp.base-config=client")
			.run((context) -> {
				assertThat(backoff(context, "tcp").maxDelay()).isEqualTo(Duration.ofSeconds(5));
				assertThat(options(context, "tcp").restartPolicy().allowedConsecutiveErrors())
					.isEqualTo(RestartPolicy.UNLIMITED);
			});
	}

	@Test
	void aListReplacesThatOfTheBaseConfigAndIsNotMixedWithIt() {
		this.contextRunner
			.withPropertyValues("broker.configs.far.restart.fatal-exceptions[0]=java.io.IOException",
					"broker.configs.far.restart.fatal-exceptions[1]=java.lang.ArithmeticException",
					"broker.configs.near.base-config=far",
					"broker.configs.near.restart.fatal-exceptions[0]=java.lang.IllegalStateException",
					"broker.endpoints.tcp.base-config=near", "broker.endpoints.udp.base-config=far")
			.run((context) -> {
				RestartPolicy tcp = options(context, "tcp").restartPolicy();
				assertThat(tcp.fatal().test(new IllegalStateException())).isTrue();
				assertThat(tcp.fatal().test(new ArithmeticException())).isFalse();
				assertThat(options(context, "udp").restartPolicy().fatal().test(new ArithmeticException())).isTrue();
			});
	}

	static Stream<String> settings() {
		return EndpointProperties.KEYS.keySet().stream().map(Object::toString);
	}

	@ParameterizedTest
	@MethodSource("settings")
	void everySettingIsReadFromAConfig(String setting) {
		String key = "broker.configs.mine." + setting;
		this.contextRunner.withPropertyValues(key + "=?", "broker.endpoints.tcp.base-config=mine")
			.run((context) -> assertThat(context).getFailure().hasStackTraceContaining("'" + key + "'"));
		this.contextRunner.withPropertyValues(key + "=?", "broker.base-config=mine")
			.run((context) -> assertThat(context).getFailure().hasStackTraceContaining("'" + key + "'"));
	}

	@ParameterizedTest
	@CsvSource({ "broker.configs.my-name., my-name", "broker.configs.myName., my-name",
			"broker.configs.my-name., MYNAME", "broker.configs.my-name., my_name", "broker.configs[my.name]., my.name",
			"broker.configs[my.name]., my-name" })
	void aNameMayBeWrittenWithOtherCaseAndDashes(String prefix, String name) {
		this.contextRunner.withPropertyValues(prefix + "close-timeout=4s", "broker.endpoints.tcp.base-config=" + name)
			.run((context) -> assertThat(options(context, "tcp").closeTimeout()).isEqualTo(Duration.ofSeconds(4)));
	}

	@ParameterizedTest
	@ValueSource(strings = { "MY_NAME", "MYNAME" })
	void anEnvironmentVariableReachesAConfigForEveryKindOfSetting(String written) {
		String prefix = "BROKER_CONFIGS_" + written;
		Map<String, Object> variables = Map.of(prefix + "_AUTOSTART", "false", prefix + "_CLOSE_TIMEOUT", "3s",
				prefix + "_RESTART_MAXDELAY", "9s", prefix + "_RESTART_FATAL_EXCEPTIONS_0", "java.io.IOException",
				prefix + "_BASE_CONFIG", "client", prefix + "_HEALTH_DOWN_WHEN", "dropped",
				"BROKER_ENDPOINTS_TCP_BASECONFIG", "my-name");
		for (String[] others : new String[][] { {}, { "broker.configs.my-name.close-timeout=4s" },
				{ "broker.configs[my.name].close-timeout=4s" } }) {
			withVariables(variables).withPropertyValues(others).run((context) -> {
				assertThat(context).hasNotFailed();
				EndpointOptions options = options(context, "tcp");
				assertThat(options.autoStart()).isFalse();
				assertThat(options.closeTimeout()).isEqualTo(Duration.ofSeconds(3));
				assertThat(options.restartPolicy().backoff().maxDelay()).isEqualTo(Duration.ofSeconds(9));
				assertThat(options.restartPolicy().fatal().test(new IOException())).isTrue();
				assertThat(options.restartPolicy().allowedConsecutiveErrors()).isEqualTo(RestartPolicy.UNLIMITED);
				assertThat(downWhen(context, "tcp")).isEqualTo(DownWhen.DROPPED);
				assertThat(options(context, "udp").autoStart()).isTrue();
			});
		}
	}

	@Test
	void anEnvironmentVariableOverridesAKeyOfABuiltInConfig() {
		withVariables(Map.of("BROKER_CONFIGS_CLIENT_RESTART_MAX_DELAY", "9s", "BROKER_BASECONFIG", "client"))
			.run((context) -> assertThat(backoff(context, "udp").maxDelay()).isEqualTo(Duration.ofSeconds(9)));
	}

	@Test
	void aFileInYamlReachesAConfig() {
		withYaml("""
				broker:
				  configs:
				    my-name:
				      base-config: client
				      restart:
				        delay: 2s
				        fatal-exceptions:
				          - java.io.IOException
				    empty:
				    half:
				      restart:
				  endpoints:
				    tcp:
				      base-config: my-name
				    udp:
				      base-config: half
				""").run((context) -> {
			assertThat(context).hasNotFailed();
			RestartPolicy policy = options(context, "tcp").restartPolicy();
			assertThat(policy.backoff().delay()).isEqualTo(Duration.ofSeconds(2));
			assertThat(policy.allowedConsecutiveErrors()).isEqualTo(RestartPolicy.UNLIMITED);
			assertThat(policy.fatal().test(new IOException())).isTrue();
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "broker:\n  configs:", "broker:\n  configs: {}", "broker:\n  configs:\n    mine:",
			"broker:\n  base-config:", "broker:\n  endpoints:\n    tcp:\n      base-config:",
			"broker:\n  configs:\n    mine:\n      base-config:",
			"broker:\n  configs:\n    mine:\n  endpoints:\n    tcp:\n      base-config: mine" })
	void anEmptySectionOrNameLeavesTheDefaults(String yaml) {
		withYaml(yaml).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(options(context, "tcp").restartPolicy().allowedConsecutiveErrors()).isEqualTo(3);
		});
	}

	@Test
	void aPlaceholderMayNameAConfig() {
		this.contextRunner.withPropertyValues("kind=client", "broker.endpoints.tcp.base-config=${kind}")
			.run((context) -> assertThat(options(context, "tcp").restartPolicy().allowedConsecutiveErrors())
				.isEqualTo(RestartPolicy.UNLIMITED));
	}

	@Test
	void aSourceThatCannotListItsKeysMayHaveAConfig() {
		this.contextRunner.withInitializer((context) -> context.getEnvironment()
			.getPropertySources()
			.addFirst(new PropertySource<>("unlisted",
					Map.of("broker.endpoints.tcp.base-config", "hidden", "broker.configs.hidden.auto-start", "false")) {

				@Override
				public @Nullable Object getProperty(String name) {
					return this.source.get(name);
				}

			})).run((context) -> {
				assertThat(options(context, "tcp").autoStart()).isFalse();
				assertThat(options(context, "udp").autoStart()).isTrue();
			});
	}

	@Test
	void anUnusedConfigIsAllowed() {
		this.contextRunner.withPropertyValues("broker.configs.mine.restart.delay=1h")
			.run((context) -> assertThat(backoff(context, "tcp")).isEqualTo(Backoff.builder().build()));
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "broker.endpoints.tcp.base-config", "broker.base-config", "broker.configs.mine.base-config" })
	void aConfigThatDoesNotExistIsRefusedWithTheNearestName(String key) {
		this.contextRunner.withPropertyValues("broker.configs.order-book.auto-start=false", key + "=orderbok")
			.run((context) -> {
				assertThat(analysis(context).getDescription()).contains("'" + key + "'", "'orderbok'",
						"there is no config 'orderbok': known configs are 'client', ", "'order-book', 'server'. ",
						"Did you mean 'order-book'?");
				assertThat(analysis(context).getAction())
					.isEqualTo("Write 'order-book' instead, or define the config by settings below "
							+ "'broker.configs.orderbok'.");
			});
		this.contextRunner.withPropertyValues(key + "=x/y")
			.run((context) -> assertThat(analysis(context).getAction()).isEqualTo(
					"Write the name of a known config, or define the config by settings below 'broker.configs[x/y]'."));
	}

	@ParameterizedTest
	@CsvSource({ "a, a -> a", "b, a -> b -> a", "c, b -> c -> b", "d, b -> c -> d -> b" })
	void aCycleIsRefusedEvenIfNoEndpointUsesIt(String last, String cycle) {
		this.contextRunner.withPropertyValues(switch (last) {
			case "a" -> new String[] { "broker.configs.a.base-config=a" };
			case "b" -> new String[] { "broker.configs.a.base-config=b", "broker.configs.b.base-config=a" };
			case "c" -> new String[] { "broker.configs.a.base-config=b", "broker.configs.b.base-config=c",
					"broker.configs.c.base-config=b" };
			default -> new String[] { "broker.configs.a.base-config=b", "broker.configs.b.base-config=c",
					"broker.configs.c.base-config=d", "broker.configs.d.base-config=b" };
		})
			.run((context) -> assertThat(analysis(context).getDescription())
				.contains("'broker.configs." + last + ".base-config'")
				.endsWith("the base configs form a cycle: " + cycle));
	}

	@Test
	void aBuiltInConfigThatTheApplicationMakesPartOfACycleIsRefused() {
		this.contextRunner
			.withPropertyValues("broker.configs.client.base-config=mine", "broker.configs.mine.base-config=client")
			.run((context) -> assertThat(analysis(context).getDescription()).contains("form a cycle: ",
					"client -> mine"));
	}

	@ParameterizedTest
	@CsvSource({ "restart.max-dely, restart.max-delay", "close.timeout, close-timeout", "basconfig, base-config",
			"health-down-when, health.down-when" })
	void anUnknownSettingOfAConfigIsRefusedWithTheNearestOne(String setting, String nearest) {
		this.contextRunner.withPropertyValues("broker.configs.mine." + setting + "=1").run((context) -> {
			assertThat(analysis(context).getDescription()).contains(
					"'broker.configs.mine." + setting + "' with value '1'", "is no setting of an endpoint",
					"below broker.configs.mine", "Did you mean '" + nearest + "'?");
			assertThat(analysis(context).getAction()).contains("Write 'broker.configs.mine." + nearest + "' instead");
		});
	}

	@Test
	void anUnknownSettingInAnEnvironmentVariableIsRefusedAsVariablesAreSpelt() {
		withVariables(Map.of("BROKER_CONFIGS_MY_NAME_RESTART_MAX_DELY", "1s"))
			.withPropertyValues("broker.configs.my-name.auto-start=false")
			.run((context) -> assertThat(analysis(context).getAction())
				.contains("Write 'BROKER_CONFIGS_MYNAME_RESTART_MAXDELAY' instead"));
	}

	@ParameterizedTest
	@CsvSource({ "broker.configs[0], client, is an element of a list", "broker.configs, client, is a value",
			"broker.configs[0].auto-start, false, is an element of a list", "broker.configs.mine, client, is a value",
			"broker.configs.client, 30s, is a value" })
	void aValueOrAListWhereSettingsByNameAreExpectedIsRefused(String key, String value, String found) {
		this.contextRunner.withPropertyValues(key + "=" + value).run((context) -> {
			assertThat(analysis(context).getDescription()).contains("'" + key + "'", "'" + value + "'", found,
					"for example 'broker.configs.client.restart.max-delay'");
			assertThat(analysis(context).getAction())
				.contains("a name that does not begin with 'broker.configs', for example 'app.configs'");
		});
	}

	@Test
	void variablesThatAPlatformSetsForAServiceOfThatNameAreIgnored() {
		Map<String, Object> variables = new HashMap<>();
		for (String service : new String[] { "", "_CLIENT", "_OTHER" }) {
			String prefix = "BROKER_CONFIGS" + service;
			variables.putAll(Map.of(prefix + "_SERVICE_HOST", "10.96.7.12", prefix + "_SERVICE_PORT", "8080",
					prefix + "_PORT", "tcp://10.96.7.12:8080", prefix + "_PORT_8080_TCP_ADDR", "fd00::12"));
		}
		variables.put("BROKER_CONFIGS_NAME", "/app/broker-configs");
		variables.put("BROKER_CONFIGS_ENV_JAVA_HOME", "/opt/java");
		withVariables(variables).run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void anInvalidValueOfAConfigIsRefusedWithItsKeyTheEndpointAndTheNextValue() {
		this.contextRunner
			.withPropertyValues("broker.configs.mine.restart.multiplier=0.5", "broker.configs.mine.base-config=server",
					"broker.endpoints.tcp.base-config=mine")
			.run((context) -> {
				assertThat(analysis(context).getDescription())
					.startsWith(
							"Invalid value '0.5' for configuration property 'broker.configs.mine.restart.multiplier'")
					.endsWith(", which endpoint 'tcp' uses: must be a number of at least 1");
				assertThat(analysis(context).getAction())
					.contains("to get the value of 'broker.configs.server.restart.multiplier'.");
			});
	}

	@Test
	void aSharedValueThatContradictsABuiltInConfigIsRefusedWithBothKeys() {
		this.contextRunner
			.withPropertyValues("broker.restart.delay=1m", "broker.restart.max-delay=5m",
					"broker.endpoints.tcp.base-config=client")
			.run((context) -> {
				assertThat(analysis(context).getDescription())
					.contains("'30s' for configuration property 'broker.configs.client.restart.max-delay' "
							+ "(originating from the built-in config 'client'), which endpoint 'tcp' uses: "
							+ "must not be below broker.restart.delay (PT1M)");
				assertThat(analysis(context).getAction())
					.contains("Write a correct value of 'broker.configs.client.restart.max-delay'");
			});
	}

	@Test
	void aHeartbeatTimeoutOfABaseConfigIsRefusedForAnEndpointThatIsNotContextual() {
		this.contextRunner
			.withPropertyValues("broker.configs.mine.heartbeat-timeout=5s", "broker.endpoints.tcp.base-config=mine",
					"broker.lifecycle.auto-startup=true")
			.run((context) -> assertThat(analysis(context).getDescription()).contains(
					"'broker.configs.mine.heartbeat-timeout'", ", which endpoint 'tcp' uses: ",
					"cannot call heartbeat()"));
	}

	@Test
	void aCrashingClientGoesOnWhereAnEndpointWithoutConfigIsDropped() {
		this.contextRunner.withPropertyValues("broker.lifecycle.auto-startup=true", "broker.restart.delay=0s",
				"broker.restart.jitter=0s", "broker.restart.error-window=1h", "broker.endpoints.tcp.base-config=client")
			.run((context) -> {
				BrokerOperations operations = context.getBean(BrokerOperations.class);
				for (String id : new String[] { "tcp", "udp" }) {
					ScriptedFactory factory = context.getBean(id, ScriptedFactory.class);
					for (int crash = 0; crash < 3; crash++) {
						factory.crash(operations, id, new IOException("crash " + crash));
					}
				}
				ScriptedFactory.awaitState(operations, "udp", EndpointState.DROPPED);
				ScriptedFactory.awaitState(operations, "tcp", EndpointState.SERVING);
				assertThat(operations.endpoint("tcp").drops()).isZero();
			});
	}

}
