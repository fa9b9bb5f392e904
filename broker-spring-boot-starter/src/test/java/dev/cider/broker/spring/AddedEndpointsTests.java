package dev.cider.broker.spring;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import dev.cider.broker.Broker;
import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointGate;
import dev.cider.broker.EndpointOptions;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import dev.cider.broker.InvalidStateException;
import dev.cider.broker.UnknownEndpointException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Endpoints that an application adds to its broker and removes from it (G24, G21).
 */
@Timeout(300)
class AddedEndpointsTests {

	private static final EndpointOptions OPTIONS = EndpointOptions.builder()
		.closeTimeout(Duration.ofSeconds(7))
		.build();

	private final ScriptedFactory factory = new ScriptedFactory();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(autoConfiguration()))
		.withUserConfiguration(Listening.class);

	/** Loaded by name: the root package must not depend on the auto-configuration. */
	private static Class<?> autoConfiguration() {
		try {
			return Class.forName("dev.cider.broker.spring.autoconfigure.BrokerAutoConfiguration");
		}
		catch (ClassNotFoundException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static List<String> ids(BrokerOperations operations) {
		return operations.endpoints().stream().map(EndpointSnapshot::id).toList();
	}

	private static void remove(BrokerOperations operations, String id) throws Exception {
		operations.remove(id).get(4, TimeUnit.MINUTES);
	}

	@Test
	void anAddedEndpointIsServedAndShownWithItsOptions() {
		this.contextRunner.run((context) -> {
			BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
			context.getBean(BrokerOperations.class).add("tenant", this.factory, OPTIONS);
			ScriptedFactory.awaitState(lifecycle, "tenant", EndpointState.SERVING);
			assertThat(ids(lifecycle)).containsExactly("tcp", "tenant");
			assertThat(lifecycle.options("tenant")).isSameAs(OPTIONS);
			assertThat(lifecycle.dropEffect("tenant")).isEqualTo(DropEffect.defaults());
			assertThatIllegalArgumentException().isThrownBy(() -> lifecycle.add("tenant", this.factory, OPTIONS));
			assertThatIllegalArgumentException().isThrownBy(() -> lifecycle.add("tcp", this.factory, OPTIONS));
			remove(lifecycle, "tenant");
			assertThat(ids(lifecycle)).containsExactly("tcp");
			assertThatExceptionOfType(UnknownEndpointException.class).isThrownBy(() -> lifecycle.options("tenant"));
			assertThatExceptionOfType(UnknownEndpointException.class).isThrownBy(() -> lifecycle.dropEffect("tenant"));
		});
	}

	@Test
	void anAddedEndpointSurvivesAPauseAndARemovedOneDoesNot() {
		this.contextRunner.run((context) -> {
			BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
			lifecycle.add("stays", this.factory, OPTIONS);
			lifecycle.add("goes", new ScriptedFactory(), OPTIONS);
			ScriptedFactory.awaitState(lifecycle, "stays", EndpointState.SERVING);
			remove(lifecycle, "goes");
			lifecycle.stop();
			assertThat(ids(lifecycle)).containsExactly("tcp", "stays");
			assertThat(lifecycle.endpoint("stays").state()).isEqualTo(EndpointState.STOPPED);
			assertThatExceptionOfType(InvalidStateException.class)
				.isThrownBy(() -> lifecycle.add("paused", this.factory, OPTIONS));
			assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> lifecycle.remove("stays"));
			assertThatExceptionOfType(UnknownEndpointException.class).isThrownBy(() -> lifecycle.remove("goes"));
			lifecycle.start();
			ScriptedFactory.await(() -> this.factory.made.size() == 2);
			assertThat(ids(lifecycle)).containsExactly("tcp", "stays");
			assertThat(lifecycle.endpoint("stays").incarnation()).isEqualTo(2);
			assertThat(lifecycle.options("stays")).isSameAs(OPTIONS);
		});
	}

	/** The application still has the bean. */
	@Test
	void theEndpointOfABeanIsBackWithTheNextStart() {
		this.contextRunner.run((context) -> {
			BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
			remove(lifecycle, "tcp");
			assertThat(ids(lifecycle)).isEmpty();
			lifecycle.stop();
			assertThat(ids(lifecycle)).isEmpty();
			lifecycle.start();
			ScriptedFactory.awaitState(lifecycle, "tcp", EndpointState.SERVING);
		});
	}

	/** Two endpoints cannot have one id. */
	@Test
	void whatWasAddedInThePlaceOfABeanKeepsItUntilItIsRemoved() {
		this.contextRunner.run((context) -> {
			BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
			remove(lifecycle, "tcp");
			lifecycle.add("tcp", this.factory, OPTIONS);
			ScriptedFactory.awaitState(lifecycle, "tcp", EndpointState.SERVING);
			lifecycle.stop();
			lifecycle.start();
			ScriptedFactory.await(() -> this.factory.made.size() == 2);
			assertThat(ids(lifecycle)).containsExactly("tcp");
			assertThat(lifecycle.options("tcp")).isSameAs(OPTIONS);
			remove(lifecycle, "tcp");
			lifecycle.stop();
			lifecycle.start();
			ScriptedFactory.awaitState(lifecycle, "tcp", EndpointState.SERVING);
			assertThat(this.factory.made).hasSize(2);
			assertThat(lifecycle.options("tcp")).isNotSameAs(OPTIONS);
		});
	}

	@Test
	void afterAPauseAnEndpointStillWaitsForOneThatWasRemoved() {
		EndpointOptions waiting = OPTIONS.toBuilder().waitFor("endpoint/cache", EndpointGate.serving("cache")).build();
		this.contextRunner.run((context) -> {
			BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
			lifecycle.add("cache", new ScriptedFactory(), OPTIONS);
			lifecycle.add("feed", this.factory, waiting);
			ScriptedFactory.awaitState(lifecycle, "feed", EndpointState.SERVING);
			remove(lifecycle, "cache");
			lifecycle.stop();
			lifecycle.start();
			ScriptedFactory.awaitState(lifecycle, "feed", EndpointState.WAITING);
			lifecycle.add("cache", new ScriptedFactory(), OPTIONS);
			ScriptedFactory.awaitState(lifecycle, "feed", EndpointState.SERVING);
		});
	}

	/**
	 * As a thread does it that was found in time before the broker ended, and requests
	 * the removal only after that.
	 */
	@Test
	void aRemovalThatTakesEffectAfterTheEndLeavesTheOthersReadable() {
		this.contextRunner.run((context) -> {
			BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
			lifecycle.add("tenant", this.factory, OPTIONS);
			Broker broker = ((BrokerRun) ((AtomicReference<?>) field(lifecycle, "current")).get()).broker();
			lifecycle.stop();
			assertThat(ids(lifecycle)).containsExactly("tcp", "tenant");
			Object registry = field(Objects.requireNonNull(broker), "endpoints");
			Object supervisor = ReflectionTestUtils.invokeMethod(registry, "find", "tenant");
			ReflectionTestUtils.invokeMethod(Objects.requireNonNull(supervisor), "remove", registry);
			assertThat(ids(lifecycle)).containsExactly("tcp");
			assertThat(lifecycle.endpoint("tcp").state()).isEqualTo(EndpointState.STOPPED);
			assertThatExceptionOfType(UnknownEndpointException.class).isThrownBy(() -> lifecycle.endpoint("tenant"));
			assertThatExceptionOfType(UnknownEndpointException.class).isThrownBy(() -> lifecycle.history("tenant"));
		});
	}

	private static Object field(Object owner, String name) {
		return Objects.requireNonNull(ReflectionTestUtils.getField(owner, name));
	}

	@Test
	void aPauseDuringARemovalCompletesItAndTheNextBrokerDoesNotHaveTheEndpoint() {
		CountDownLatch closeAllowed = new CountDownLatch(1);
		ScriptedFactory slow = new ScriptedFactory(() -> new ScriptedEndpoint(closeAllowed));
		this.contextRunner.run((context) -> {
			BrokerLifecycle lifecycle = context.getBean(BrokerLifecycle.class);
			lifecycle.add("tenant", slow, OPTIONS);
			ScriptedFactory.awaitState(lifecycle, "tenant", EndpointState.SERVING);
			var removal = lifecycle.remove("tenant");
			removal.cancel(false);
			assertThat(lifecycle.options("tenant")).as("while it closes").isSameAs(OPTIONS);
			CountDownLatch stopped = new CountDownLatch(1);
			lifecycle.stop(stopped::countDown);
			closeAllowed.countDown();
			assertThat(stopped.await(4, TimeUnit.MINUTES)).isTrue();
			assertThat(ids(lifecycle)).containsExactly("tcp");
			lifecycle.start();
			ScriptedFactory.awaitState(lifecycle, "tcp", EndpointState.SERVING);
			assertThat(ids(lifecycle)).containsExactly("tcp");
			ScriptedFactory.await(() -> {
				try {
					lifecycle.options("tenant");
					return false;
				}
				catch (UnknownEndpointException forgotten) {
					return true;
				}
			});
		});
	}

	@Test
	void beforeTheFirstStartNothingIsAddedOrRemoved() {
		this.contextRunner.withPropertyValues("broker.lifecycle.auto-startup=false").run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			assertThatExceptionOfType(InvalidStateException.class)
				.isThrownBy(() -> operations.add("tenant", this.factory, OPTIONS))
				.withMessage("addition of endpoint 'tenant' needs the state SERVING, but the state is INITIALISED");
			assertThatExceptionOfType(InvalidStateException.class)
				.isThrownBy(() -> operations.add("tenant", (context1) -> new ScriptedEndpoint(), OPTIONS));
			assertThatExceptionOfType(InvalidStateException.class).isThrownBy(() -> operations.remove("tcp"));
			assertThatExceptionOfType(UnknownEndpointException.class).isThrownBy(() -> operations.remove("udp"));
		});
	}

	@Test
	void theAdditionIsTheFirstEventOfAnEndpointAndTheRemovalTheLast() {
		this.contextRunner.run((context) -> {
			BrokerOperations operations = context.getBean(BrokerOperations.class);
			List<ApplicationEvent> events = context.getBean(Listening.class).ofTenants;
			operations.add("tenant", this.factory, OPTIONS);
			ScriptedFactory.awaitState(operations, "tenant", EndpointState.SERVING);
			remove(operations, "tenant");
			ScriptedFactory
				.await(() -> !events.isEmpty() && events.get(events.size() - 1) instanceof EndpointRemovedEvent);
			assertThat(events.get(0)).isInstanceOfSatisfying(EndpointAddedEvent.class, (event) -> {
				assertThat(event.getSource()).isSameAs(operations);
				assertThat(event.getEndpoint().state()).isEqualTo(EndpointState.REGISTERED);
			});
			assertThat(events.subList(1, events.size() - 1)).hasSizeGreaterThan(2)
				.allMatch(EndpointStateEvent.class::isInstance);
			assertThat(((EndpointRemovedEvent) events.get(events.size() - 1)).getEndpoint().starts()).isEqualTo(1);
		});
	}

	@Configuration(proxyBeanMethods = false)
	static class Listening extends TestEndpoints.Tcp {

		final List<ApplicationEvent> ofTenants = new CopyOnWriteArrayList<>();

		@EventListener
		void added(EndpointAddedEvent event) {
			this.ofTenants.add(event);
		}

		@EventListener
		void changed(EndpointStateEvent event) {
			if (event.getAfter().id().equals("tenant")) {
				this.ofTenants.add(event);
			}
		}

		@EventListener
		void removed(EndpointRemovedEvent event) {
			this.ofTenants.add(event);
		}

	}

}
