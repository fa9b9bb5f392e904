package dev.cider.broker.spring.autoconfigure;

import java.util.Objects;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.BrokerState;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.BrokerLifecycle;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.TestEndpoints;
import dev.cider.broker.spring.actuate.BrokerDescriptor;
import dev.cider.broker.spring.actuate.BrokerEndpoint;
import dev.cider.broker.spring.actuate.BrokerEndpointWebExtension;
import dev.cider.broker.spring.health.BrokerHealthContributor;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.context.ContextHierarchy;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.context.bean.override.mockito.MockitoSpyBean;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application's test may replace the broker by a mock: Spring puts it in the place of
 * the bean definition, whatever other beans expect there.
 */
class OverriddenBeansTests {

	private static BrokerDescriptor shownBy(ConfigurableApplicationContext context) {
		return context.getBean(BrokerEndpoint.class).broker();
	}

	/** The meters of the starter. */
	private static MeterRegistry meters(ConfigurableApplicationContext context) {
		SimpleMeterRegistry registry = new SimpleMeterRegistry();
		context.getBeansOfType(MeterBinder.class)
			.values()
			.stream()
			.filter((binder) -> binder.getClass().getName().startsWith("dev.cider.broker."))
			.forEach((binder) -> binder.bindTo(registry));
		return registry;
	}

	@Nested
	@DirtiesContext
	@SpringBootTest(classes = Application.class, webEnvironment = WebEnvironment.MOCK,
			properties = "management.endpoints.web.exposure.include=broker,health")
	class WithMockedOperations {

		@MockitoBean
		private BrokerOperations operations;

		@Autowired
		private ConfigurableApplicationContext context;

		@Test
		void theMockIsInjectedAndNoEndpointRuns() {
			Mockito.when(this.operations.state()).thenReturn(BrokerState.SERVING);
			assertThat(this.context.getBean(Clerk.class).operations().state()).isEqualTo(BrokerState.SERVING);
			assertThat(this.context.getBeansOfType(BrokerOperations.class)).hasSize(1);
			assertThat(this.context.getBeansOfType(BrokerLifecycle.class)).isEmpty();
			assertThat(this.context.getBean(ScriptedFactory.class).made).isEmpty();
		}

		@Test
		void actuatorHealthAndMetersShowABrokerWithoutEndpoints() {
			assertThat(shownBy(this.context).endpoints()).isEmpty();
			assertThat(this.context.getBean(BrokerEndpointWebExtension.class)).isNotNull();
			assertThat(this.context.getBean(BrokerHealthContributor.class).stream()).isEmpty();
			MeterRegistry meters = meters(this.context);
			assertThat(meters.get("broker.endpoints").gauges()).isNotEmpty()
				.allSatisfy((gauge) -> assertThat(gauge.value()).isZero());
			assertThat(meters.get("broker.events.lost").functionCounter().count()).isZero();
			Mockito.verifyNoInteractions(this.operations);
		}

		@Test
		void theContextPausesAndResumes() {
			this.context.stop();
			this.context.start();
			assertThat(this.context.getBean(ScriptedFactory.class).made).isEmpty();
		}

	}

	@Nested
	@DirtiesContext
	@SpringBootTest(classes = Application.class, webEnvironment = WebEnvironment.MOCK,
			properties = "management.endpoints.web.exposure.include=broker,health")
	class WithSpiedOperations {

		@MockitoSpyBean
		private BrokerOperations operations;

		@Autowired
		private ConfigurableApplicationContext context;

		@Test
		void theSpyIsTheLifecycleThatServes() {
			assertThat(this.context.getBean(BrokerLifecycle.class)).isSameAs(this.operations);
			assertThat(this.context.getBean(Clerk.class).operations()).isSameAs(this.operations);
			ScriptedFactory.awaitState(this.operations, "tcp", EndpointState.SERVING);
			assertThat(shownBy(this.context).endpoints()).hasSize(1);
			assertThat(this.context.getBean(BrokerHealthContributor.class).stream()).hasSize(1);
			assertThat(meters(this.context).get("broker.endpoint.up").gauge().value()).isOne();
			this.context.getBean(Clerk.class).operations().stop("tcp");
			Mockito.verify(this.operations).stop("tcp");
		}

	}

	@Nested
	@DirtiesContext
	@SpringBootTest(classes = Application.class, webEnvironment = WebEnvironment.MOCK,
			properties = "management.endpoints.web.exposure.include=broker,health")
	class WithMockedLifecycle {

		@MockitoBean
		private BrokerLifecycle lifecycle;

		@Autowired
		private ConfigurableApplicationContext context;

		@Test
		void theMockIsInjectedAndNoEndpointRuns() {
			assertThat(this.context.getBean(BrokerLifecycle.class)).isSameAs(this.lifecycle);
			assertThat(this.context.getBean(Clerk.class).operations()).isSameAs(this.lifecycle);
			assertThat(this.context.getBean(ScriptedFactory.class).made).isEmpty();
			assertThat(this.context.getBean(BrokerHealthContributor.class).stream()).isEmpty();
			assertThat(meters(this.context).find("broker.endpoint.up").gauges()).isEmpty();
		}

	}

	@Nested
	@DirtiesContext
	@SpringBootTest(webEnvironment = WebEnvironment.NONE)
	@ContextHierarchy({ @ContextConfiguration(name = "parent", classes = Application.class),
			@ContextConfiguration(name = "child", classes = Application.class) })
	class WithMockedOperationsOfAChild {

		@MockitoBean(contextName = "child")
		private BrokerOperations operations;

		@Autowired
		private ConfigurableApplicationContext context;

		@Test
		void theBrokerOfTheParentServesOn() {
			ConfigurableApplicationContext parent = (ConfigurableApplicationContext) Objects
				.requireNonNull(this.context.getParent());
			BrokerLifecycle broker = parent.getBean(BrokerLifecycle.class);
			ScriptedFactory.awaitState(broker, "tcp", EndpointState.SERVING);
			assertThat(this.context.getBean(Clerk.class).operations()).isSameAs(this.operations);
			assertThat(this.context.getBean(BrokerHealthContributor.class).stream()).isEmpty();
			this.context.stop();
			parent.getBean(ScriptedFactory.class).crash(broker, "tcp", new IllegalStateException("boom"));
			assertThat(broker.endpoint("tcp").crashes()).as("no stop was announced to it").isOne();
		}

	}

	@Nested
	@DirtiesContext
	@SpringBootTest(classes = Application.class, webEnvironment = WebEnvironment.NONE,
			properties = "broker.endpoints.tcp.auto-start=false")
	class WithMockedFactory {

		@MockitoBean
		private ScriptedFactory factory;

		@Autowired
		private BrokerOperations operations;

		@Test
		void itsEndpointIsQuietWhereItDoesNotStartByItself() {
			assertThat(this.operations.endpoint("tcp").state()).isEqualTo(EndpointState.REGISTERED);
			Mockito.verifyNoInteractions(this.factory);
		}

	}

	record Clerk(BrokerOperations operations) {
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application extends TestEndpoints.Tcp {

		@Bean
		Clerk clerk(BrokerOperations operations) {
			return new Clerk(operations);
		}

	}

}
