package dev.cider.broker.spring.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointGroup;
import dev.cider.broker.EndpointOptions;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import dev.cider.broker.GroupStrategy;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.Supervised;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Groups of endpoints, by properties: G27.
 */
@ExtendWith(OutputCaptureExtension.class)
class GroupPropertiesTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(BrokerAutoConfiguration.class))
		.withUserConfiguration(Members.class)
		.withPropertyValues("spring.lifecycle.timeout-per-shutdown-phase=10m", "broker.restart.delay=0s",
				"broker.restart.jitter=0s", "broker.restart.allowed-consecutive-errors=unlimited");

	private static FailureAnalysis analysis(AssertableApplicationContext context) {
		assertThat(context).hasFailed();
		return Objects.requireNonNull(new InvalidBrokerPropertyFailureAnalyzer()
			.analyze(Objects.requireNonNull(context.getStartupFailure())));
	}

	/** How often each endpoint has started, once all serve again. */
	private static Map<String, Long> startsAfterACrashOf(String id, AssertableApplicationContext context) {
		BrokerOperations broker = context.getBean(BrokerOperations.class);
		List<String> all = broker.endpoints().stream().map(EndpointSnapshot::id).toList();
		all.forEach((each) -> ScriptedFactory.awaitState(broker, each, EndpointState.SERVING));
		context.getBean(id, ScriptedFactory.class).crash(broker, id, new IllegalStateException("boom"));
		ScriptedFactory.await(() -> broker.endpoint(id).incarnation() == 2);
		all.forEach((each) -> ScriptedFactory.awaitState(broker, each, EndpointState.SERVING));
		return Map.of("a", broker.endpoint("a").starts(), "b", broker.endpoint("b").starts(), "c",
				broker.endpoint("c").starts());
	}

	@ParameterizedTest
	@CsvSource({ "one-for-one, 1, 2, 1", "rest-for-one, 1, 2, 2", "one-for-all, 2, 2, 2" })
	void g27TheStrategySaysWhoStartsAgain(String strategy, long a, long b, long c) {
		this.contextRunner
			.withPropertyValues("broker.groups.trade.members=a, b, c", "broker.groups.trade.strategy=" + strategy)
			.run((context) -> {
				BrokerOperations broker = context.getBean(BrokerOperations.class);
				Map<String, Long> starts = startsAfterACrashOf("b", context);
				ScriptedFactory.await(() -> broker.endpoint("c").starts() == c
						&& broker.endpoint("c").state() == EndpointState.SERVING);
				assertThat(starts).containsEntry("a", a).containsEntry("b", b);
				assertThat(broker.endpoint("b").consecutiveErrors()).isEqualTo(1);
				assertThat(broker.endpoint("c").consecutiveErrors()).isZero();
			});
	}

	@Test
	void g27AMemberWaitsForTheOneBeforeIt() {
		this.contextRunner
			.withPropertyValues("broker.groups.trade.members[0]=b", "broker.groups.trade.members[1]=a",
					"broker.endpoints.b.wait-for=endpoint/c", "broker.endpoints.c.auto-start=false")
			.run((context) -> {
				BrokerOperations broker = context.getBean(BrokerOperations.class);
				ScriptedFactory
					.await(() -> "group trade, whose member 'b' is WAITING".equals(broker.endpoint("a").waitingFor()));
				broker.start("c");
				ScriptedFactory.awaitState(broker, "a", EndpointState.SERVING);
			});
	}

	@Test
	void aBeanWithInstancesStandsForAllOfThem() {
		this.contextRunner
			.withPropertyValues("broker.groups.trade.members=c, a", "broker.endpoints.a.instances=2",
					"broker.groups.trade.strategy=one-for-all", "broker.endpoints.b.auto-start=false")
			.run((context) -> {
				BrokerOperations broker = context.getBean(BrokerOperations.class);
				List<String> members = List.of("c", "a-1", "a-2");
				members.forEach((id) -> ScriptedFactory.awaitState(broker, id, EndpointState.SERVING));
				context.getBean("c", ScriptedFactory.class).crash(broker, "c", new IllegalStateException("boom"));
				members.forEach((id) -> ScriptedFactory.await(() -> broker.endpoint(id).incarnation() == 2
						&& broker.endpoint(id).state() == EndpointState.SERVING));
			});
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"', value = {
			"broker.groups.trade.members=a, bb | there is no endpoint 'bb'; there are [a, b, c]",
			"broker.groups.trade.members=a | must be at least two",
			"broker.groups.trade.members=a, b, a | 'a' must not be named twice",
			"broker.groups.trade.strategy=one-for-all | must be at least two",
			"broker.groups.other.members=c, b | it is a member of group 'other' already",
			"broker.groups.other.strateggy=one-for-all | a group has 'members' and a 'strategy', and nothing else" })
	void aMistakeIsRefusedAtTheStart(String property, String description) {
		this.contextRunner.withPropertyValues(property)
			.withPropertyValues(property.contains("other") ? "broker.groups.trade.members=a, b" : "broker.enabled=true")
			.run((context) -> assertThat(analysis(context).getDescription()).contains(description));
	}

	@Test
	void aCircleWithAGateIsRefused() {
		this.contextRunner
			.withPropertyValues("broker.groups.trade.members=a, b", "broker.endpoints.a.wait-for=endpoint/b")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining(
						"they wait for each other, so that none ever starts (a member of a group waits for"
								+ " the one before it): "));
	}

	@Test
	void theCloseTimesOfTheMembersAddUp(CapturedOutput output) {
		this.contextRunner.withPropertyValues("broker.groups.trade.members=a, b, c", "broker.close-timeout=4m")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).contains("a: it is closed after all that depend on it; to close"
				+ " c, b, a one after the other may take PT12M3S");
	}

	@Test
	void aPathLeadsThroughGroupsAndDependencies() {
		EndpointOptions minute = EndpointOptions.builder().closeTimeout(Duration.ofMinutes(1)).build();
		Map<String, EndpointOptions> options = Map.of("a", minute, "b", minute, "web",
				minute.toBuilder().dependsOn("b").build());
		ClosePath longest = ClosePath.longest(options,
				List.of(new EndpointGroup("trade", GroupStrategy.ONE_FOR_ONE, List.of("a", "absent", "b"))));
		assertThat(Objects.requireNonNull(longest).ids()).containsExactly("web", "b", "a");
	}

	@Configuration(proxyBeanMethods = false)
	static class Members {

		@Bean
		@Supervised
		ScriptedFactory a() {
			return new ScriptedFactory();
		}

		@Bean
		@Supervised
		ScriptedFactory b() {
			return new ScriptedFactory();
		}

		@Bean
		@Supervised
		ScriptedFactory c() {
			return new ScriptedFactory();
		}

	}

}
