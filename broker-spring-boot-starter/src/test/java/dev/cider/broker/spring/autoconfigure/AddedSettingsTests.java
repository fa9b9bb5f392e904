package dev.cider.broker.spring.autoconfigure;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.EndpointCrashReport;
import dev.cider.broker.EndpointGate;
import dev.cider.broker.EndpointOptions;
import dev.cider.broker.EndpointState;
import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartMode;
import dev.cider.broker.restart.RestartPolicy;
import dev.cider.broker.spring.ApplicationExit;
import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.DropEffect;
import dev.cider.broker.spring.OnDrop;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.TestEndpoints;
import dev.cider.broker.spring.health.DownWhen;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.test.util.TestPropertyValues.Type;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Settings of endpoints that the application adds while it runs.
 */
class AddedSettingsTests {

	private static final Predicate<Throwable> FATAL = LinkageError.class::isInstance;

	/** Each value differs from its default. */
	private static final EndpointOptions GIVEN = EndpointOptions.builder()
		.restartPolicy(RestartPolicy.builder()
			.mode(RestartMode.ALWAYS)
			.allowedConsecutiveErrors(7)
			.errorWindow(Duration.ofSeconds(2))
			.backoff(new Backoff(Duration.ofMillis(11), 3, Duration.ofSeconds(12), Duration.ofMillis(13)))
			.fatal(FATAL)
			.reviveAfter(Duration.ofMinutes(2))
			.build())
		.startTimeout(Duration.ofSeconds(3))
		.explicitReady(true)
		.heartbeatTimeout(Duration.ofSeconds(4))
		.closeTimeout(Duration.ofSeconds(5))
		.autoStart(false)
		.replaceAbandoned(false)
		.virtualThreads(true)
		.instance(2, 3)
		.waitFor("code", () -> null)
		.build();

	private final ContextualEndpointFactory factory = (context) -> new ScriptedFactory().create();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(BrokerAutoConfiguration.class))
		.withUserConfiguration(TestEndpoints.TcpAndUdp.class)
		.withPropertyValues("broker.added-endpoints=tenant-*, shard-*");

	private EndpointOptions added(AssertableApplicationContext context, String id, EndpointOptions given) {
		BrokerLifecycle broker = context.getBean(BrokerLifecycle.class);
		broker.add(id, this.factory, given);
		return broker.options(id);
	}

	private static void assertRefused(AssertableApplicationContext context, String description) {
		assertThat(context).hasFailed();
		FailureAnalysis analysis = new InvalidBrokerPropertyFailureAnalyzer()
			.analyze(Objects.requireNonNull(context.getStartupFailure()));
		assertThat(Objects.requireNonNull(analysis).getDescription()).contains(description);
	}

	@Test
	void whatIsNotConfiguredIsWhatTheApplicationPasses() {
		this.contextRunner
			.withPropertyValues("broker.close-timeout=9s", "broker.critical=false", "broker.auto-start=true",
					"broker.base-config=client", "broker.endpoints.tenant-b.auto-start=true")
			.run((context) -> {
				assertThat(added(context, "tenant-a", GIVEN)).isEqualTo(GIVEN);
				assertThat(added(context, "another", GIVEN)).isSameAs(GIVEN);
				BrokerLifecycle broker = context.getBean(BrokerLifecycle.class);
				assertThat(broker.dropEffect("tenant-a")).isEqualTo(DropEffect.defaults());
				assertThat(broker.dropEffect("another")).isEqualTo(DropEffect.defaults());
			});
	}

	/** A new setting has to be added here: it must not be forgotten. */
	@Test
	void eachSettingOfTheIdChangesWhatTheApplicationPasses() {
		Map<String, String> settings = new LinkedHashMap<>();
		settings.put("restart.mode", "never");
		settings.put("restart.allowed-consecutive-errors", "unlimited");
		settings.put("restart.error-window", "21s");
		settings.put("restart.delay", "22ms");
		settings.put("restart.multiplier", "5");
		settings.put("restart.max-delay", "23s");
		settings.put("restart.jitter", "24ms");
		settings.put("restart.fatal-exceptions", "java.io.IOException");
		settings.put("restart.revive-after", "25s");
		settings.put("auto-start", "true");
		settings.put("critical", "false");
		settings.put("health.down-when", "not-serving");
		settings.put("on-drop", "none");
		settings.put("start-timeout", "26s");
		settings.put("explicit-ready", "false");
		settings.put("heartbeat-timeout", "27s");
		settings.put("close-timeout", "28s");
		settings.put("wait-for", "endpoint/tcp");
		settings.put("depends-on", "tcp");
		settings.put("base-config", "server");
		assertThat(settings.keySet())
			.isEqualTo(EndpointProperties.KEYS.keySet().stream().map(Object::toString).collect(Collectors.toSet()));
		this.contextRunner
			.withPropertyValues(settings.entrySet()
				.stream()
				.map((setting) -> "broker.endpoints.tenant-a." + setting.getKey() + "=" + setting.getValue())
				.toArray(String[]::new))
			.run((context) -> {
				EndpointOptions options = added(context, "tenant-a", GIVEN);
				RestartPolicy policy = options.restartPolicy();
				assertThat(policy.mode()).isEqualTo(RestartMode.NEVER);
				assertThat(policy.allowedConsecutiveErrors()).isEqualTo(RestartPolicy.UNLIMITED);
				assertThat(policy.errorWindow()).isEqualTo(Duration.ofSeconds(21));
				assertThat(policy.backoff())
					.isEqualTo(new Backoff(Duration.ofMillis(22), 5, Duration.ofSeconds(23), Duration.ofMillis(24)));
				assertThat(policy.fatal()).hasToString("java.io.IOException");
				assertThat(policy.reviveAfter()).isEqualTo(Duration.ofSeconds(25));
				assertThat(options.autoStart()).isTrue();
				assertThat(options.startTimeout()).isEqualTo(Duration.ofSeconds(26));
				assertThat(options.explicitReady()).isFalse();
				assertThat(options.heartbeatTimeout()).isEqualTo(Duration.ofSeconds(27));
				assertThat(options.closeTimeout()).isEqualTo(Duration.ofSeconds(28));
				assertThat(options.gates()).containsOnlyKeys("code", "endpoint/tcp", "depends-on/tcp");
				assertThat(options.dependsOn()).containsExactly("tcp");
				assertThat(options.replaceAbandoned()).isFalse();
				assertThat(options.instance()).isEqualTo(GIVEN.instance());
				assertThat(context.getBean(BrokerLifecycle.class).dropEffect("tenant-a"))
					.isEqualTo(new DropEffect(false, OnDrop.NONE));
				BeanFactoryBlueprint blueprint = context.getBean(BeanFactoryBlueprint.class);
				assertThat(blueprint.downWhen("tenant-a")).isEqualTo(DownWhen.NOT_SERVING);
				assertThat(blueprint.downWhen("tenant-b")).isEqualTo(DownWhen.DROPPED);
				assertThat(blueprint.baseConfig("tenant-a")).isEqualTo("server");
				assertThat(blueprint.baseConfig("tenant-b")).isNull();
				assertThat(blueprint.gateNames()).contains("endpoint/tcp");
			});
	}

	/** From the weakest to the strongest, each added to those before. */
	@Test
	void theFirstPlaceThatSetsAPropertyDecides() {
		ApplicationContextRunner runner = this.contextRunner.withPropertyValues(
				"broker.endpoints[tenant-*].base-config=tenants", "broker.endpoints.tenant-a.base-config=big",
				"broker.configs.tenants.critical=true", "broker.configs.big.critical=true", "broker.close-timeout=29s");
		List<String> places = List.of("broker.configs.tenants", "broker.endpoints[tenant-*]", "broker.configs.big",
				"broker.endpoints.tenant-a");
		for (int i = 0; i < places.size(); i++) {
			Duration expected = Duration.ofSeconds(10 + i);
			boolean forAll = i < 2;
			runner = runner.withPropertyValues(places.get(i) + ".close-timeout=" + expected.toSeconds() + "s");
			runner.run((context) -> {
				assertThat(added(context, "tenant-a", GIVEN).closeTimeout()).isEqualTo(expected);
				assertThat(added(context, "tenant-b", GIVEN).closeTimeout())
					.isEqualTo(forAll ? expected : Duration.ofSeconds(11));
				assertThat(added(context, "shard-1", GIVEN).closeTimeout()).isEqualTo(GIVEN.closeTimeout());
			});
		}
	}

	@Test
	void theFirstPatternThatMatchesDecides() {
		this.contextRunner
			.withPropertyValues("broker.added-endpoints=tenant-vip-*, tenant-*",
					"broker.endpoints[tenant-*].close-timeout=1s", "broker.endpoints[tenant-*].start-timeout=1s",
					"broker.endpoints[tenant-vip-*].close-timeout=2s")
			.run((context) -> {
				EndpointOptions options = added(context, "tenant-vip-a", GIVEN);
				assertThat(options.closeTimeout()).isEqualTo(Duration.ofSeconds(2));
				assertThat(options.startTimeout()).isEqualTo(GIVEN.startTimeout());
			});
	}

	@Test
	void environmentVariablesNameAnIdByItsLettersAndDigitsAndAPatternWithoutItsStar() {
		this.contextRunner
			.withInitializer((context) -> TestPropertyValues
				.of("BROKER_ENDPOINTS_TENANT_A_CLOSETIMEOUT=1s", "BROKER_ENDPOINTS_TENANTB_CLOSETIMEOUT=2s",
						"BROKER_ENDPOINTS_TENANT_CLOSETIMEOUT=3s")
				.applyTo(context.getEnvironment(), Type.SYSTEM_ENVIRONMENT))
			.run((context) -> {
				assertThat(added(context, "tenant-a", GIVEN).closeTimeout()).isEqualTo(Duration.ofSeconds(1));
				assertThat(added(context, "tenant-b", GIVEN).closeTimeout()).isEqualTo(Duration.ofSeconds(2));
				assertThat(added(context, "tenant-c", GIVEN).closeTimeout()).isEqualTo(Duration.ofSeconds(3));
			});
	}

	@Test
	void anIdInBracketsIsThatIdOnly() {
		this.contextRunner
			.withPropertyValues("broker.added-endpoints=tenant*", "broker.endpoints[tenant.a].close-timeout=1s")
			.run((context) -> {
				assertThat(added(context, "tenant.a", GIVEN).closeTimeout()).isEqualTo(Duration.ofSeconds(1));
				assertThat(added(context, "tenant-a", GIVEN)).isEqualTo(GIVEN);
			});
	}

	@Test
	void theSettingsHoldAgainAfterARemovalAndAPause() {
		this.contextRunner.withPropertyValues("broker.endpoints.tenant-a.close-timeout=1s").run((context) -> {
			BrokerLifecycle broker = context.getBean(BrokerLifecycle.class);
			added(context, "tenant-a", GIVEN);
			broker.remove("tenant-a").get(60, TimeUnit.SECONDS);
			assertThat(added(context, "tenant-a", GIVEN).closeTimeout()).isEqualTo(Duration.ofSeconds(1));
			broker.stop();
			broker.start();
			assertThat(broker.options("tenant-a").closeTimeout()).isEqualTo(Duration.ofSeconds(1));
		});
	}

	@Test
	void whatIsAddedInThePlaceOfABeanHasItsSettingsIfItsIdMatches() {
		this.contextRunner
			.withPropertyValues("broker.added-endpoints=tcp", "broker.endpoints.tcp.close-timeout=1s",
					"broker.endpoints.udp.close-timeout=1s")
			.run((context) -> {
				BrokerOperations broker = context.getBean(BrokerOperations.class);
				broker.remove("tcp").get(60, TimeUnit.SECONDS);
				broker.remove("udp").get(60, TimeUnit.SECONDS);
				assertThat(added(context, "tcp", GIVEN).closeTimeout()).isEqualTo(Duration.ofSeconds(1));
				assertThat(added(context, "udp", GIVEN)).isSameAs(GIVEN);
			});
	}

	@Test
	void aDropOfAnAddedEndpointMayEndTheApplication() {
		Exits exits = new Exits();
		this.contextRunner.withBean(ApplicationExit.class, () -> exits)
			.withPropertyValues("broker.endpoints[tenant-*].on-drop=shutdown",
					"broker.endpoints[tenant-*].restart.mode=never")
			.run((context) -> {
				BrokerLifecycle broker = context.getBean(BrokerLifecycle.class);
				broker.add("shard-1", () -> {
					throw new IllegalStateException("dropped, but not a tenant");
				}, EndpointOptions.builder()
					.restartPolicy(RestartPolicy.builder().mode(RestartMode.NEVER).build())
					.build());
				ScriptedFactory.awaitState(broker, "shard-1", EndpointState.DROPPED);
				broker.add("tenant-a", () -> {
					throw new IllegalStateException("dropped");
				}, EndpointOptions.defaults());
				assertThat(broker.options("tenant-a").restartPolicy().reviveAfter()).isNull();
				ScriptedFactory.await(() -> !exits.ids.isEmpty());
				assertThat(exits.ids).containsExactly("tenant-a");
			});
	}

	@Test
	void aTenantWaitsForWhatThePropertiesNameAlsoForAnotherTenant() {
		this.contextRunner.withPropertyValues("broker.endpoints.tenant-b.wait-for=endpoint/tenant-a").run((context) -> {
			BrokerLifecycle broker = context.getBean(BrokerLifecycle.class);
			assertThatIllegalArgumentException()
				.isThrownBy(() -> broker.add("tenant-b", this.factory, EndpointOptions.defaults()))
				.withMessageContaining("tenant-a");
			broker.add("tenant-a", this.factory, EndpointOptions.builder().autoStart(false).build());
			broker.add("tenant-b", this.factory, EndpointOptions.defaults());
			ScriptedFactory.awaitState(broker, "tenant-b", EndpointState.WAITING);
			broker.start("tenant-a");
			ScriptedFactory.awaitState(broker, "tenant-b", EndpointState.SERVING);
		});
	}

	@Test
	void aSettingThatDoesNotFitToTheEndpointIsRefusedWhenItIsAdded() {
		this.contextRunner
			.withPropertyValues("broker.endpoints.tenant-a.restart.delay=20s",
					"broker.endpoints.tenant-b.heartbeat-timeout=1s")
			.run((context) -> {
				BrokerLifecycle broker = context.getBean(BrokerLifecycle.class);
				assertThatIllegalArgumentException().isThrownBy(() -> broker.add("tenant-a", this.factory, GIVEN))
					.withMessageContaining("'broker.endpoints.tenant-a.restart.delay'")
					.withMessageContaining(
							"must not be above the restart.max-delay that the application has passed (PT12S)")
					.withMessageContaining("or remove the property to get what the application has passed.");
				assertThatIllegalArgumentException()
					.isThrownBy(() -> broker.add("tenant-b", new ScriptedFactory(), EndpointOptions.defaults()))
					.withMessageContaining("'broker.endpoints.tenant-b.heartbeat-timeout'")
					.withMessageContaining("Make the endpoint's factory a ContextualEndpointFactory");
				assertThat(broker.endpoints()).hasSize(2);
			});
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"',
			value = { "broker.endpoints.tenant-a.close-timeout | -1s | must be longer than zero",
					"broker.endpoints[tenant-*].restart.multiplier | 0 | must be a number of at least 1",
					"broker.endpoints.tenant-a.wait-for | disk/full | must name what to wait for",
					"broker.endpoints.tenant-a.wait-for | gate/licence | there is no bean of type",
					"broker.endpoints.tenant-a.base-config | clientt | there is no config 'clientt'",
					"broker.endpoints.tenant-a.auto-strat | true | Did you mean 'auto-start'?",
					"broker.endpoints.tenant-a | 7 | is a value, but the settings of @Supervised endpoints",
					"broker.endpoints.tenant-a.instances | 2 | is for 'tenant-a', which the application adds",
					"broker.endpoints.tennant-a.auto-start | true | and those that match 'tenant-*', 'shard-*'" })
	void aMistakeIsRefusedAtTheStart(String key, String value, String description) {
		this.contextRunner.withPropertyValues(key + "=" + value).run((context) -> assertRefused(context, description));
	}

	@Test
	void withoutAPatternTheRefusalTellsOfIt() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(BrokerAutoConfiguration.class))
			.withPropertyValues("broker.endpoints.tenant-a.auto-start=false")
			.run((context) -> assertThat(new InvalidBrokerPropertyFailureAnalyzer()
				.analyze(Objects.requireNonNull(context.getStartupFailure()))
				.getAction())
				.contains("If the application adds the endpoint while it runs, add its id to "
						+ "'broker.added-endpoints'."));
	}

	@Test
	void aGateThatTheApplicationPassesStays() {
		EndpointGate shut = () -> "shut by code";
		this.contextRunner.withPropertyValues("broker.endpoints.tenant-a.wait-for=endpoint/tcp").run((context) -> {
			BrokerLifecycle broker = context.getBean(BrokerLifecycle.class);
			added(context, "tenant-a", EndpointOptions.builder().waitFor("code", shut).build());
			ScriptedFactory.await(() -> String.valueOf(broker.endpoint("tenant-a").waitingFor()).startsWith("code"));
		});
	}

	private static final class Exits implements ApplicationExit {

		private final Set<String> ids = ConcurrentHashMap.newKeySet();

		@Override
		public void exit(EndpointCrashReport report) {
			this.ids.add(report.factoryId());
		}

	}

}
