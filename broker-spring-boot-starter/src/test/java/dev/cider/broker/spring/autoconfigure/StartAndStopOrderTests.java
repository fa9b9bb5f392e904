package dev.cider.broker.spring.autoconfigure;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointOptions;
import dev.cider.broker.EndpointState;
import dev.cider.broker.EndpointTerminatedException;
import dev.cider.broker.GateSnapshot;
import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.EndpointOptionsCustomizer;
import dev.cider.broker.spring.ScriptedEndpoint;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.Supervised;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.DependsOn;
import org.springframework.context.annotation.Scope;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Endpoints that depend on others, by their properties and by the definitions of their
 * beans: G26.
 */
@ExtendWith(OutputCaptureExtension.class)
class StartAndStopOrderTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(BrokerAutoConfiguration.class))
		.withPropertyValues("spring.lifecycle.timeout-per-shutdown-phase=10m");

	private final ApplicationContextRunner three = this.contextRunner.withUserConfiguration(Three.class);

	private static FailureAnalysis analysis(AssertableApplicationContext context) {
		assertThat(context).hasFailed();
		FailureAnalysis analysis = new InvalidBrokerPropertyFailureAnalyzer()
			.analyze(Objects.requireNonNull(context.getStartupFailure()));
		assertThat(analysis).as("analysis of " + context.getStartupFailure()).isNotNull();
		return Objects.requireNonNull(analysis);
	}

	private static void awaitServing(BrokerOperations broker, String... ids) {
		for (String id : ids) {
			ScriptedFactory.awaitState(broker, id, EndpointState.SERVING);
		}
	}

	private static void awaitWaitingFor(BrokerOperations broker, String id, String words) {
		ScriptedFactory.await(() -> String.valueOf(broker.endpoint(id).waitingFor()).startsWith(words));
	}

	private static List<String> dependsOn(AssertableApplicationContext context, String id) {
		return context.getBean(BrokerLifecycle.class).options(id).dependsOn();
	}

	@Test
	void g26EndpointsStartInTheirOrderAndAreClosedInReverse() {
		Journal journal = new Journal();
		this.three.withBean(Journal.class, () -> journal)
			.withPropertyValues("broker.endpoints.a.depends-on=b, c", "broker.endpoints.c.depends-on=b",
					"broker.endpoints.b.explicit-ready=true")
			.run((context) -> {
				BrokerOperations broker = context.getBean(BrokerOperations.class);
				awaitWaitingFor(broker, "a", "depends-on/b, which is STARTING since ");
				awaitWaitingFor(broker, "c", "depends-on/b, which is STARTING since ");
				journal.ready.countDown();
				awaitServing(broker, "b", "c", "a");
				assertThat(broker.gates()).extracting(GateSnapshot::name)
					.containsExactlyInAnyOrder("depends-on/b", "depends-on/c");
			});
		assertThat(journal.closed).containsExactly("a", "c", "b");
	}

	@Test
	void g26AContextThatClosesUnderLoadKeepsTheOrder() throws InterruptedException {
		Journal journal = new Journal();
		journal.ready.countDown();
		AtomicBoolean over = new AtomicBoolean();
		Thread[] load = new Thread[2];
		this.three.withBean(Journal.class, () -> journal)
			.withPropertyValues("broker.endpoints.a.depends-on=c", "broker.endpoints.c.depends-on=b",
					"broker.restart.delay=0s", "broker.restart.allowed-consecutive-errors=unlimited")
			.run((context) -> {
				BrokerOperations broker = context.getBean(BrokerOperations.class);
				awaitServing(broker, "a", "b", "c");
				for (int i = 0; i < load.length; i++) {
					load[i] = new Thread(() -> {
						while (!over.get()) {
							try {
								broker.restart("a");
							}
							catch (EndpointTerminatedException closing) {
								return;
							}
						}
					});
					load[i].start();
				}
				ScriptedFactory.await(() -> broker.endpoint("a").incarnation() > 5);
			});
		over.set(true);
		for (Thread each : load) {
			each.join();
		}
		assertThat(journal.closed).endsWith("a", "c", "b").containsOnlyOnce("c", "b");
	}

	@Test
	void springsDependsOnSaysTheSameBetweenSupervisedBeans() {
		this.contextRunner.withUserConfiguration(Annotated.class).run((context) -> {
			assertThat(dependsOn(context, "web")).containsExactly("cache");
			assertThat(dependsOn(context, "prototype")).containsExactly("methods.one", "methods.two", "cache");
			assertThat(dependsOn(context, "methods.one")).containsExactly("cache");
			assertThat(dependsOn(context, "methods.two")).containsExactly("cache");
			assertThat(dependsOn(context, "cache")).isEmpty();
			awaitServing(context.getBean(BrokerOperations.class), "web", "prototype", "methods.one", "methods.two");
		});
	}

	@Test
	void instancesAndConfigsCanBeNamed() {
		this.three
			.withPropertyValues("broker.lifecycle.auto-startup=false", "broker.endpoints.b.instances=2",
					"broker.endpoints.b-2.depends-on=b-1", "broker.configs.upper.depends-on=b",
					"broker.endpoints.a.base-config=upper", "broker.endpoints.c.depends-on[0]=b-2")
			.run((context) -> {
				assertThat(dependsOn(context, "a")).containsExactly("b-1", "b-2");
				assertThat(dependsOn(context, "b-1")).isEmpty();
				assertThat(dependsOn(context, "b-2")).containsExactly("b-1");
				assertThat(dependsOn(context, "c")).containsExactly("b-2");
			});
		this.contextRunner.withUserConfiguration(Annotated.class)
			.withPropertyValues("broker.lifecycle.auto-startup=false", "broker.endpoints.cache.instances=2")
			.run((context) -> assertThat(dependsOn(context, "web")).containsExactly("cache-1", "cache-2"));
	}

	@Test
	void aDependencyOfAllEndpointsIsRefused() {
		this.three.withPropertyValues("broker.depends-on=b").run((context) -> {
			FailureAnalysis analysis = analysis(context);
			assertThat(analysis.getDescription())
				.startsWith("Invalid value 'b' for configuration property 'broker.depends-on'")
				.endsWith(": not all endpoints can depend on the same one, for it cannot depend on itself");
			assertThat(analysis.getAction()).contains("Write it below 'broker.endpoints.<id>'");
		});
		this.three.withPropertyValues("broker.base-config=all", "broker.configs.all.depends-on[0]=b")
			.run((context) -> assertThat(analysis(context).getDescription())
				.contains("'broker.configs.all.depends-on[0]'"));
	}

	@Test
	void whatDoesNotExistIsRefusedWithTheNearestName() {
		this.contextRunner.withUserConfiguration(Annotated.class)
			.withPropertyValues("broker.endpoints.web.depends-on=cahce")
			.run((context) -> {
				FailureAnalysis analysis = analysis(context);
				assertThat(analysis.getDescription())
					.startsWith("Invalid value 'cahce' for configuration property 'broker.endpoints.web.depends-on'")
					.contains("there is no endpoint 'cahce'; known are ");
				assertThat(analysis.getAction()).startsWith("Write 'cache' instead, or remove it");
			});
		this.three.withPropertyValues("broker.endpoints.a.depends-on=b, ,c")
			.run((context) -> assertThat(analysis(context).getDescription()).contains("'broker.endpoints.a.depends-on'")
				.contains("must name endpoints, as cache, database"));
		this.three.withPropertyValues("broker.endpoints.a.wait-for=depends-on/b")
			.run((context) -> assertThat(analysis(context).getDescription())
				.endsWith("health/db, tcp/localhost:5432, endpoint/cache, gate/licence"));
	}

	@Test
	void endpointsThatWouldWaitForEachOtherAreRefused() {
		this.three
			.withPropertyValues("broker.endpoints.a.depends-on=b", "broker.endpoints.b.wait-for=endpoint/c",
					"broker.endpoints.c.depends-on=a")
			.run((context) -> assertThat(analysis(context).getDescription()).contains("a -> b -> c -> a"));
		this.three.withPropertyValues("broker.endpoints.a.depends-on=a")
			.run((context) -> assertThat(analysis(context).getDescription()).contains("a -> a"));
		this.contextRunner.withUserConfiguration(Annotated.class)
			.withPropertyValues("broker.endpoints.cache.depends-on=web")
			.run((context) -> assertThat(analysis(context).getDescription())
				.startsWith("Invalid value 'web' for configuration property 'broker.endpoints.cache.depends-on'")
				.contains("web -> cache -> web"));
		this.contextRunner.withUserConfiguration(Circle.class)
			.run((context) -> assertThat(analysis(context).getDescription())
				.isEqualTo("Invalid @DependsOn of the bean of endpoint 'egg': these endpoints wait for each other, so"
						+ " that none of them would ever start: egg -> hen -> egg"));
	}

	@Test
	void aBeanMayDependOnOneThatIsAbsent() {
		this.contextRunner.withUserConfiguration(Absent.class).run((context) -> {
			assertThat(dependsOn(context, "web")).isEmpty();
			awaitServing(context.getBean(BrokerOperations.class), "web");
		});
		this.contextRunner.withUserConfiguration(Absent.class)
			.withPropertyValues("broker.endpoints.web.depends-on=nothing")
			.run((context) -> assertThat(analysis(context).getDescription())
				.contains("there is no endpoint 'nothing'"));
	}

	@Test
	void aPathOfEndpointsThatTakesLongToCloseIsWarnedOf(CapturedOutput output) {
		ApplicationContextRunner chain = this.three.withPropertyValues("broker.endpoints.a.depends-on=c",
				"broker.endpoints.c.depends-on=b", "broker.close-timeout=9s", "broker.endpoints.b.close-timeout=500ms");
		chain.withPropertyValues("spring.lifecycle.timeout-per-shutdown-phase=21s")
			.run((context) -> assertThat(output).doesNotContain("depend on it"));
		chain.withPropertyValues("spring.lifecycle.timeout-per-shutdown-phase=20s")
			.run((context) -> assertThat(output).containsOnlyOnce("b: it is closed after all that depend on it; to"
					+ " close a, c, b one after the other may take PT21S, with up to one second for each that has to be"
					+ " abandoned, which is longer than spring.lifecycle.timeout-per-shutdown-phase (PT20S)"));
	}

	@Test
	void theLongestPathIsThatWithTheGreatestSum() {
		Map<String, EndpointOptions> options = new LinkedHashMap<>();
		assertThat(ClosePath.longest(options, List.of())).isNull();
		options.put("db", closing(3));
		options.put("left", closing(10, "db"));
		options.put("right", closing(2, "db"));
		options.put("upper", closing(7, "right"));
		options.put("slow", closing(60));
		options.put("web", closing(1, "left", "upper", "away"));
		ClosePath longest = Objects.requireNonNull(ClosePath.longest(options, List.of()));
		assertThat(longest.ids()).containsExactly("web", "left", "db");
		assertThat(longest.duration()).isEqualTo(Duration.ofSeconds(17));
		assertThat(longest.last()).isEqualTo("db");
		options.put("upper", closing(8, "right"));
		assertThat(Objects.requireNonNull(ClosePath.longest(options, List.of())).inWords())
			.isEqualTo("web, upper, right, db");
	}

	@Test
	void aPathMayBeLong() {
		Map<String, EndpointOptions> options = new LinkedHashMap<>();
		for (int i = 0; i < 100_000; i++) {
			options.put("e" + i, closing(Long.MAX_VALUE / 1000, "e" + (i + 1)));
		}
		ClosePath longest = Objects.requireNonNull(ClosePath.longest(options, List.of()));
		assertThat(longest.ids()).hasSize(100_000);
		assertThat(longest.inWords())
			.isEqualTo("e0, e1, e2, e3, e4, 99990 more, e99995, e99996, e99997, e99998, e99999");
		options.put("e99999", closing(1, "e0"));
		assertThat(ClosePath.longest(options, List.of())).as("a circle, which the broker refuses").isNull();
	}

	private static EndpointOptions closing(long seconds, String... others) {
		EndpointOptions.Builder options = EndpointOptions.builder().closeTimeout(Duration.ofSeconds(seconds));
		List.of(others).forEach(options::dependsOn);
		return options.build();
	}

	@Test
	void anOptionsCustomizerCanMakeAnEndpointDependOnAnother() {
		Journal journal = new Journal();
		journal.ready.countDown();
		EndpointOptionsCustomizer customizer = (id, options) -> {
			if (id.equals("b")) {
				options.dependsOn("a");
			}
		};
		this.three.withBean(Journal.class, () -> journal)
			.withBean(EndpointOptionsCustomizer.class, () -> customizer)
			.run((context) -> awaitServing(context.getBean(BrokerOperations.class), "a", "b", "c"));
		assertThat(journal.closed.indexOf("b")).isLessThan(journal.closed.indexOf("a"));
	}

	/** In which order endpoints were closed, and when the one called b is ready. */
	static class Journal {

		final List<String> closed = new CopyOnWriteArrayList<>();

		final CountDownLatch ready = new CountDownLatch(1);

	}

	@Configuration(proxyBeanMethods = false)
	static class Three {

		@Bean
		@Supervised
		ScriptedFactory a(@Nullable Journal journal) {
			return noting("a", journal);
		}

		@Bean
		@Supervised
		ContextualEndpointFactory b(@Nullable Journal journal) {
			return (context) -> {
				ScriptedEndpoint endpoint = noting("b", journal).create();
				return Endpoint.of(() -> {
					if (journal != null) {
						journal.ready.await();
					}
					context.ready();
					endpoint.listenAndServe();
				}, endpoint::close);
			};
		}

		@Bean
		@Supervised
		ScriptedFactory c(@Nullable Journal journal) {
			return noting("c", journal);
		}

		private static ScriptedFactory noting(String id, @Nullable Journal journal) {
			return new ScriptedFactory(() -> new ScriptedEndpoint() {

				@Override
				public void close() throws Exception {
					if (journal != null) {
						journal.closed.add(id);
					}
					super.close();
				}

			});
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Annotated {

		@Bean
		@Supervised
		@DependsOn({ "store", "plain" })
		ScriptedFactory web() {
			return new ScriptedFactory();
		}

		@Bean
		String plain() {
			return "not supervised";
		}

		@Bean
		@Supervised
		@Scope("prototype")
		@DependsOn({ "methods", "cache" })
		Endpoint prototype() {
			return new ScriptedEndpoint();
		}

		@Bean
		@DependsOn("cache")
		Methods methods() {
			return new Methods();
		}

		@Bean({ "cache", "store" })
		@Supervised
		ScriptedFactory cache() {
			return new ScriptedFactory();
		}

	}

	static class Methods {

		@Supervised
		void one() throws InterruptedException {
			new CountDownLatch(1).await();
		}

		@Supervised
		void two() throws InterruptedException {
			new CountDownLatch(1).await();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Circle {

		@Bean
		@Supervised
		@Scope("prototype")
		@DependsOn("hen")
		Endpoint egg() {
			return new ScriptedEndpoint();
		}

		@Bean
		@Supervised
		@Scope("prototype")
		@DependsOn("egg")
		Endpoint hen() {
			return new ScriptedEndpoint();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Absent {

		@Bean
		@Supervised
		@DependsOn("nothing")
		ScriptedFactory web() {
			return new ScriptedFactory();
		}

		@Bean
		@Supervised
		@Nullable EndpointFactory nothing() {
			return null;
		}

	}

}
