package dev.cider.broker.spring.metrics;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.TestEndpoints;
import dev.cider.broker.spring.autoconfigure.BrokerAutoConfiguration;
import dev.cider.broker.spring.autoconfigure.BrokerMetricsAutoConfiguration;
import dev.cider.broker.spring.autoconfigure.BrokerObservationAutoConfiguration;
import dev.cider.broker.spring.observation.DefaultEndpointObservationConvention;
import dev.cider.broker.spring.observation.EndpointObservationContext;
import dev.cider.broker.spring.observation.EndpointObservationConvention;
import dev.cider.broker.spring.observation.EndpointObservations;
import io.micrometer.common.KeyValues;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The timer of the recoveries comes from the observations where there are any, with the
 * same name and tags, and counts each recovery once in any case.
 */
class ObservedRecoveryTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(MetricsAutoConfiguration.class, CompositeMeterRegistryAutoConfiguration.class,
						ObservationAutoConfiguration.class, BrokerAutoConfiguration.class,
						BrokerObservationAutoConfiguration.class, BrokerMetricsAutoConfiguration.class))
		.withBean(SimpleMeterRegistry.class)
		.withUserConfiguration(TestEndpoints.Tcp.class)
		.withPropertyValues("broker.restart.delay=0s", "broker.restart.jitter=0s");

	private static void recover(ApplicationContext context) {
		BrokerOperations operations = context.getBean(BrokerOperations.class);
		ScriptedFactory factory = context.getBean(ScriptedFactory.class);
		factory.crash(operations, "tcp", new IllegalStateException("boom"));
		ScriptedFactory.await(() -> all(context).count() == 1);
		// Whoever recorded it twice would have done so before this recovery.
		factory.crash(operations, "tcp", new IllegalStateException("boom"));
		ScriptedFactory.await(() -> all(context).count() >= 2);
	}

	private static Timer all(ApplicationContext context) {
		return context.getBean(MeterRegistry.class).get("broker.endpoints.recovery").timer();
	}

	private static void assertThatEachRecoveryIsCountedOnce(ApplicationContext context) {
		recover(context);
		assertThat(all(context).count()).isEqualTo(2);
		List<Meter> each = context.getBean(MeterRegistry.class)
			.getMeters()
			.stream()
			.filter((meter) -> meter.getId().getName().equals("broker.endpoint.recovery"))
			.toList();
		assertThat(each).hasSize(1);
		assertThat(each.get(0).getId().getTags()).containsExactly(Tag.of("endpoint", "tcp"));
		assertThat(((Timer) each.get(0)).count()).isEqualTo(2);
		assertThat(context.getBean(MeterRegistry.class).getMeters()).extracting((meter) -> meter.getId().getName())
			.noneMatch((name) -> name.matches("broker\\.endpoint\\.(start|close)(\\..*)?|.*\\.active"));
	}

	@Test
	void aRecoveryIsObservedAndTimedOnce() {
		Seen seen = new Seen();
		this.contextRunner.withBean(Seen.class, () -> seen).run((context) -> {
			assertThat(context).hasSingleBean(RecoveryObservationHandler.class).doesNotHaveBean(RecoveryTimer.class);
			assertThatEachRecoveryIsCountedOnce(context);
			assertThat(seen.names()).contains("broker.endpoint.start", "broker.endpoint.close",
					"broker.endpoint.recovery");
		});
	}

	@Test
	void theTimersAreThereAtZeroBeforeAnythingStarts() {
		this.contextRunner.withPropertyValues("broker.lifecycle.auto-startup=false").run((context) -> {
			assertThat(all(context).count()).isZero();
			assertThat(context.getBean(MeterRegistry.class)
				.get("broker.endpoint.recovery")
				.tag("endpoint", "tcp")
				.timer()
				.count()).isZero();
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "broker", "broker.endpoint.recovery" })
	void aRecoveryThatIsNotObservedIsTimedAllTheSame(String disabled) {
		Seen seen = new Seen();
		this.contextRunner.withBean(Seen.class, () -> seen)
			.withPropertyValues("management.observations.enable." + disabled + "=false")
			.run((context) -> {
				assertThatEachRecoveryIsCountedOnce(context);
				assertThat(seen.names()).doesNotContain("broker.endpoint.recovery");
			});
	}

	@Test
	void aTimerOfTheApplicationCountsByItself() {
		this.contextRunner.withUserConfiguration(OwnTimer.class).run((context) -> {
			assertThat(context).hasSingleBean(RecoveryMeters.class).hasBean("ownTimer");
			assertThatEachRecoveryIsCountedOnce(context);
		});
	}

	@Test
	void withoutARegistryForObservationsTheTimerFindsTheRecoveriesItself() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(MetricsAutoConfiguration.class,
					CompositeMeterRegistryAutoConfiguration.class, BrokerAutoConfiguration.class,
					BrokerObservationAutoConfiguration.class, BrokerMetricsAutoConfiguration.class))
			.withBean(SimpleMeterRegistry.class)
			.withUserConfiguration(TestEndpoints.Tcp.class)
			.withPropertyValues("broker.restart.delay=0s", "broker.restart.jitter=0s")
			.run((context) -> {
				assertThat(context).doesNotHaveBean(EndpointObservations.class).hasSingleBean(RecoveryTimer.class);
				assertThatEachRecoveryIsCountedOnce(context);
			});
	}

	@Test
	void withoutMicrometersObservationsThereAreNone() {
		this.contextRunner.withClassLoader(new FilteredClassLoader(ObservationRegistry.class)).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context).doesNotHaveBean("dev.cider.broker.spring.observation.EndpointObservations")
				.hasSingleBean(RecoveryTimer.class);
		});
	}

	@Test
	void withoutMetersThereAreObservations() {
		Seen seen = new Seen();
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(ObservationAutoConfiguration.class, BrokerAutoConfiguration.class,
					BrokerObservationAutoConfiguration.class, BrokerMetricsAutoConfiguration.class))
			.withUserConfiguration(TestEndpoints.Tcp.class)
			.withBean(Seen.class, () -> seen)
			.withPropertyValues("broker.restart.delay=0s", "broker.restart.jitter=0s")
			.withClassLoader(new FilteredClassLoader(MeterRegistry.class))
			.run((context) -> {
				BrokerOperations operations = context.getBean(BrokerOperations.class);
				context.getBean(ScriptedFactory.class).crash(operations, "tcp", new IllegalStateException("boom"));
				ScriptedFactory.await(() -> seen.names().contains("broker.endpoint.recovery"));
				assertThat(context).doesNotHaveBean("dev.cider.broker.spring.metrics.RecoveryMeters");
			});
	}

	@Test
	void aConventionBeanReplacesTheDefault() {
		Seen seen = new Seen();
		this.contextRunner.withBean(Seen.class, () -> seen)
			.withBean(EndpointObservationConvention.class, Teams::new)
			.run((context) -> {
				ScriptedFactory.await(() -> seen.names().contains("broker.endpoint.start"));
				assertThat(seen.stopped.get(0).getLowCardinalityKeyValue("team").getValue()).isEqualTo("market");
				assertThat(seen.stopped.get(0).getLowCardinalityKeyValue("endpoint").getValue()).isEqualTo("tcp");
			});
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnTimer {

		@Bean
		RecoveryTimer ownTimer(BrokerOperations operations) {
			return new RecoveryTimer(operations);
		}

	}

	private static final class Teams extends DefaultEndpointObservationConvention {

		@Override
		public KeyValues getLowCardinalityKeyValues(EndpointObservationContext context) {
			return super.getLowCardinalityKeyValues(context).and("team", "market");
		}

	}

	/**
	 * A handler of the application.
	 */
	private static final class Seen implements ObservationHandler<EndpointObservationContext> {

		final List<EndpointObservationContext> stopped = new CopyOnWriteArrayList<>();

		@Override
		public boolean supportsContext(Observation.Context context) {
			return context instanceof EndpointObservationContext;
		}

		@Override
		public void onStop(EndpointObservationContext context) {
			this.stopped.add(context);
		}

		List<String> names() {
			return this.stopped.stream().map(Observation.Context::getName).toList();
		}

	}

}
