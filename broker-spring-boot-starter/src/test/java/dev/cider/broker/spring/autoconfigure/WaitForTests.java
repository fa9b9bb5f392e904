package dev.cider.broker.spring.autoconfigure;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointGate;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import dev.cider.broker.GateSnapshot;
import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.Supervised;
import dev.cider.broker.spring.TestEndpoints;
import dev.cider.broker.spring.actuate.BrokerEndpoint;
import dev.cider.broker.spring.metrics.GateMeters;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What endpoints wait for, by their properties.
 */
class WaitForTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(BrokerAutoConfiguration.class, BrokerHealthContributorAutoConfiguration.class,
						HealthContributorRegistryAutoConfiguration.class, HealthContributorAutoConfiguration.class))
		.withUserConfiguration(TestEndpoints.TcpAndUdp.class, Needs.class)
		.withPropertyValues("broker.gate.poll-interval=20ms");

	private static FailureAnalysis analysis(AssertableApplicationContext context) {
		assertThat(context).hasFailed();
		FailureAnalysis analysis = new InvalidBrokerPropertyFailureAnalyzer()
			.analyze(Objects.requireNonNull(context.getStartupFailure()));
		assertThat(analysis).as("analysis of " + context.getStartupFailure()).isNotNull();
		return Objects.requireNonNull(analysis);
	}

	private static void awaitWaitingFor(BrokerOperations broker, String id, String words) {
		ScriptedFactory.await(() -> {
			EndpointSnapshot shown = broker.endpoint(id);
			return shown.state() == EndpointState.WAITING && String.valueOf(shown.waitingFor()).startsWith(words);
		});
	}

	@Test
	void anEndpointStartsWhenHealthIsUpAndTheOthersDoNotWait() {
		this.contextRunner.withPropertyValues("broker.endpoints.tcp.wait-for=health/database").run((context) -> {
			BrokerOperations broker = context.getBean(BrokerOperations.class);
			awaitWaitingFor(broker, "tcp", "health/database, which is DOWN since ");
			ScriptedFactory.awaitState(broker, "udp", EndpointState.SERVING);
			context.getBean(Needs.class).database.set(Health.up().build());
			ScriptedFactory.awaitState(broker, "tcp", EndpointState.SERVING);
		});
	}

	@Test
	void whatIsWaitedForIsShownAndMeasured() {
		this.contextRunner.withConfiguration(AutoConfigurations.of(BrokerMetricsAutoConfiguration.class))
			.withPropertyValues("broker.endpoints.tcp.wait-for=health/database")
			.run((context) -> {
				BrokerOperations broker = context.getBean(BrokerOperations.class);
				MeterRegistry registry = new SimpleMeterRegistry();
				context.getBean(GateMeters.class).bindTo(registry);
				Gauge open = registry.get("broker.gate.open").tag("gate", "health/database").gauge();
				awaitWaitingFor(broker, "tcp", "health/database");
				assertThat(broker.gates()).singleElement().satisfies((gate) -> {
					assertThat(gate.name()).isEqualTo("health/database");
					assertThat(gate.open()).isFalse();
					assertThat(gate.shut()).startsWith("DOWN since ");
					assertThat(gate.waiting()).isEqualTo(1);
				});
				assertThat(open.value()).isZero();
				assertThat(new BrokerEndpoint(context.getBean(BrokerLifecycle.class), Show.NEVER).broker().gates())
					.singleElement()
					.hasToString(
							"GateDescriptor" + broker.gates().get(0).toString().substring("GateSnapshot".length()));
				context.getBean(Needs.class).database.set(Health.up().build());
				ScriptedFactory.awaitState(broker, "tcp", EndpointState.SERVING);
				assertThat(broker.gates()).containsExactly(new GateSnapshot("health/database", true, null, 0));
				assertThat(open.value()).isEqualTo(1);
			});
	}

	@Test
	void healthThatIsUnknownOrSaysNothingIsNoReasonToWait() {
		this.contextRunner.withPropertyValues("broker.wait-for=health/database").run((context) -> {
			BrokerOperations broker = context.getBean(BrokerOperations.class);
			AtomicReference<@Nullable Health> database = context.getBean(Needs.class).database;
			awaitWaitingFor(broker, "tcp", "health/database");
			database.set(Health.unknown().build());
			ScriptedFactory.awaitState(broker, "tcp", EndpointState.SERVING);
			broker.stop("tcp");
			ScriptedFactory.awaitState(broker, "tcp", EndpointState.STOPPED);
			database.set(null);
			broker.start("tcp");
			ScriptedFactory.awaitState(broker, "tcp", EndpointState.SERVING);
		});
	}

	@Test
	void aPartOfAnotherHealthContributorCanBeNamed() {
		this.contextRunner.withPropertyValues("broker.endpoints.tcp.wait-for=health/shards/second").run((context) -> {
			BrokerOperations broker = context.getBean(BrokerOperations.class);
			awaitWaitingFor(broker, "tcp", "health/shards/second, which is OUT_OF_SERVICE");
		});
	}

	@Test
	void anEndpointWaitsForAPort() throws IOException {
		int port;
		try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			port = free.getLocalPort();
		}
		this.contextRunner.withPropertyValues("broker.endpoints.tcp.wait-for=tcp/localhost:" + port).run((context) -> {
			BrokerOperations broker = context.getBean(BrokerOperations.class);
			awaitWaitingFor(broker, "tcp", "tcp/localhost:" + port + ", which is unreachable (");
			try (ServerSocket server = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
				assertThat(server.isBound()).isTrue();
				ScriptedFactory.awaitState(broker, "tcp", EndpointState.SERVING);
			}
		});
	}

	@Test
	void anEndpointWaitsForABeanAndForAnotherEndpoint() {
		this.contextRunner
			.withPropertyValues("broker.endpoints.tcp.wait-for=gate/licence",
					"broker.endpoints.udp.wait-for=endpoint/tcp")
			.run((context) -> {
				BrokerOperations broker = context.getBean(BrokerOperations.class);
				awaitWaitingFor(broker, "tcp", "gate/licence, which is expired since ");
				awaitWaitingFor(broker, "udp", "endpoint/tcp, which is WAITING since ");
				context.getBean(Needs.class).licence.set(null);
				ScriptedFactory.awaitState(broker, "tcp", EndpointState.SERVING);
				ScriptedFactory.awaitState(broker, "udp", EndpointState.SERVING);
			});
	}

	@Test
	void anOutageCostsNothing() {
		this.contextRunner
			.withPropertyValues("broker.endpoints.tcp.wait-for=health/database", "broker.restart.delay=0s",
					"broker.restart.allowed-consecutive-errors=2")
			.run((context) -> {
				BrokerOperations broker = context.getBean(BrokerOperations.class);
				AtomicReference<@Nullable Health> database = context.getBean(Needs.class).database;
				ScriptedFactory tcp = context.getBean("tcp", ScriptedFactory.class);
				for (int outage = 0; outage < 4; outage++) {
					database.set(Health.up().build());
					ScriptedFactory.awaitState(broker, "tcp", EndpointState.SERVING);
					database.set(Health.down().build());
					tcp.crash(broker, "tcp", new IOException("the database hung up"));
					awaitWaitingFor(broker, "tcp", "health/database");
					assertThat(broker.endpoint("tcp").consecutiveErrors()).isZero();
				}
				assertThat(broker.endpoint("tcp").drops()).isZero();
			});
	}

	@Test
	void whatServesIsClosedWhenItsGateIsShutIfThatIsWanted() {
		this.contextRunner.withPropertyValues("broker.endpoints.tcp.wait-for=health/database", "broker.gate.evict=true")
			.run((context) -> {
				BrokerOperations broker = context.getBean(BrokerOperations.class);
				AtomicReference<@Nullable Health> database = context.getBean(Needs.class).database;
				database.set(Health.up().build());
				ScriptedFactory.awaitState(broker, "tcp", EndpointState.SERVING);
				database.set(Health.down().build());
				awaitWaitingFor(broker, "tcp", "health/database");
				assertThat(broker.endpoint("tcp").crashes()).isZero();
			});
	}

	@Test
	void theEndpointsOwnSettingReplacesTheSharedOne() {
		this.contextRunner
			.withPropertyValues("broker.lifecycle.auto-startup=false", "broker.wait-for=health/database, gate/licence",
					"broker.endpoints.udp.wait-for=")
			.run((context) -> {
				BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
				assertThat(lifecycle.options("tcp").gates()).containsOnlyKeys("health/database", "gate/licence");
				assertThat(lifecycle.options("udp").gates()).isEmpty();
			});
	}

	@Test
	void endpointsThatNameTheSameShareOneGate() {
		this.contextRunner.withPropertyValues("broker.lifecycle.auto-startup=false", "broker.wait-for=health/database")
			.run((context) -> {
				BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
				assertThat(lifecycle.options("tcp").gates().get("health/database"))
					.isSameAs(lifecycle.options("udp").gates().get("health/database"));
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "db", "heath/db", "health/", "tcp/localhost", "tcp/localhost:0", "tcp/localhost:x",
			"tcp/http://localhost:80", "tcp/:80", "health", "/db" })
	void anElementThatCannotBeReadIsRefused(String element) {
		this.contextRunner.withPropertyValues("broker.endpoints.tcp.wait-for=" + element).run((context) -> {
			FailureAnalysis analysis = analysis(context);
			assertThat(analysis.getDescription())
				.startsWith(
						"Invalid value '" + element + "' for configuration property 'broker.endpoints.tcp.wait-for'")
				.contains("must name what to wait for as health/db, tcp/localhost:5432, endpoint/cache, gate/licence");
		});
	}

	@Test
	void anElementOfAListIsNamedByItsOwnKey() {
		this.contextRunner
			.withPropertyValues("broker.endpoints.tcp.wait-for[0]=gate/licence",
					"broker.endpoints.tcp.wait-for[1]=gate/license")
			.run((context) -> assertThat(analysis(context).getDescription()).startsWith(
					"Invalid value 'gate/license' for configuration property 'broker.endpoints.tcp.wait-for[1]'"));
	}

	@Test
	void whatDoesNotExistIsRefusedWithTheNearestName() {
		refuses("health/databse", "there is no health contributor 'databse'", "Write 'health/database' instead");
		refuses("endpoint/udpp", "there is no endpoint 'udpp'; known are udp, tcp", "Write 'endpoint/udp' instead");
		refuses("gate/license", "there is no bean of type dev.cider.broker.EndpointGate 'license'; known are licence",
				"Write 'gate/licence' instead");
		refuses("health/broker", "an endpoint would wait for itself", "Name an endpoint");
	}

	private void refuses(String element, String rule, String action) {
		this.contextRunner.withPropertyValues("broker.endpoints.tcp.wait-for=" + element).run((context) -> {
			FailureAnalysis analysis = analysis(context);
			assertThat(analysis.getDescription()).contains("broker.endpoints.tcp.wait-for").contains(rule);
			assertThat(analysis.getAction()).contains(action);
		});
	}

	@Test
	void endpointsThatWaitForEachOtherAreRefused() {
		this.contextRunner
			.withPropertyValues("broker.endpoints.tcp.wait-for=endpoint/udp",
					"broker.endpoints.udp.wait-for=endpoint/tcp")
			.run((context) -> assertThat(analysis(context).getDescription()).contains("udp -> tcp -> udp"));
		this.contextRunner.withPropertyValues("broker.wait-for=endpoint/udp")
			.run((context) -> assertThat(analysis(context).getDescription()).contains("udp -> udp"));
	}

	@Test
	void aChainOfManyThousandsIsChecked() {
		Map<String, List<WaitFor>> chain = new LinkedHashMap<>();
		int length = 200_000;
		for (int i = 0; i < length; i++) {
			chain.put("e" + i, waitFor("endpoint/e" + (i + 1)));
		}
		chain.put("e" + length, waitFor("gate/e0"));
		assertThat(WaitForCircle.find(chain)).isNull();
		chain.put("e" + length, waitFor("endpoint/e1"));
		assertThat(WaitForCircle.find(chain)).startsWith("e1", "e2").endsWith("e" + length, "e1").hasSize(length + 1);
	}

	private static List<WaitFor> waitFor(String element) {
		return List.of(Objects.requireNonNull(WaitFor.of(element, WaitFor.KEY)));
	}

	/** Only the bean itself shows that it is absent. */
	@Test
	void anEndpointWhoseBeanIsNullIsNotWaitedFor() {
		this.contextRunner.withUserConfiguration(AbsentCache.class)
			.withPropertyValues("broker.endpoints.tcp.wait-for=endpoint/cache")
			.run((context) -> assertThat(analysis(context).getDescription()).contains("broker.endpoints.tcp.wait-for")
				.contains("there is no endpoint 'cache'; known are "));
		this.contextRunner.withUserConfiguration(AbsentCache.class)
			.withPropertyValues("broker.endpoints.cache.wait-for=endpoint/tcp")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void healthWithoutItsJarIsRefused() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(BrokerAutoConfiguration.class))
			.withUserConfiguration(TestEndpoints.TcpAndUdp.class)
			.withClassLoader(new FilteredClassLoader(HealthContributorRegistry.class))
			.withPropertyValues("broker.endpoints.tcp.wait-for=health/db")
			.run((context) -> assertThat(analysis(context).getAction()).contains("spring-boot-starter-actuator"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "broker.gate.poll-interval=0s", "broker.gate.timeout=-1s",
			"broker.restart.max-concurrent=0", "broker.restart.max-concurrent=few" })
	void valuesThatMakeNoSenseAreRefused(String property) {
		this.contextRunner.withPropertyValues(property)
			.run((context) -> assertThat(analysis(context).getDescription())
				.contains("'" + property.substring(0, property.indexOf('=')) + "'"));
	}

	@Test
	void onlySoManyStartAtOnce() {
		this.contextRunner
			.withPropertyValues("broker.restart.max-concurrent=1", "broker.endpoints.tcp.wait-for=gate/licence")
			.run((context) -> {
				BrokerOperations broker = context.getBean(BrokerOperations.class);
				ScriptedFactory.awaitState(broker, "udp", EndpointState.SERVING);
				context.getBean(Needs.class).licence.set(null);
				ScriptedFactory.awaitState(broker, "tcp", EndpointState.SERVING);
			});
	}

	@Configuration(proxyBeanMethods = false)
	static class AbsentCache {

		@Bean
		@Supervised
		@Nullable EndpointFactory cache() {
			return null;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Needs {

		final AtomicReference<@Nullable Health> database = new AtomicReference<>(Health.down().build());

		final AtomicReference<@Nullable String> licence = new AtomicReference<>("expired");

		@Bean
		HealthIndicator databaseHealthIndicator() {
			return this.database::get;
		}

		@Bean
		HealthContributor shardsHealthContributor() {
			HealthIndicator first = () -> Health.up().build();
			HealthIndicator second = () -> Health.outOfService().build();
			return CompositeHealthContributor.fromMap(Map.of("first", first, "second", second));
		}

		@Bean
		EndpointGate licence() {
			return this.licence::get;
		}

	}

}
