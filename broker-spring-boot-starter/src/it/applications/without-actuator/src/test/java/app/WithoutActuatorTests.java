package app;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.EndpointCrashEvent;
import dev.cider.broker.spring.Supervised;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * An application with nothing but the starter.
 */
class WithoutActuatorTests {

	@Test
	void aCrashIsRepairedAndPublished() {
		try (var context = SpringApplication.run(App.class)) {
			var broker = context.getBean(BrokerOperations.class);
			Awaitility.await().atMost(Duration.ofMinutes(4)).until(() -> broker.endpoint("feed").incarnation() == 2
					&& broker.endpoint("feed").state() == EndpointState.SERVING);
			assertThat(broker.endpoint("feed").crashes()).isEqualTo(1);
			Awaitility.await().atMost(Duration.ofMinutes(4)).until(() -> context.getBean(App.class).told.getCount() == 0);
			assertThat(context.getBeanDefinitionNames())
				.filteredOn((name) -> name.startsWith("broker") && !name.endsWith(".EndpointProperties"))
				.noneMatch((name) -> name.contains("Health") || name.contains("Endpoint") || name.contains("Metrics"));
		}
	}

	@Test
	void theJarsAreReallyAbsent() {
		for (String absent : new String[] { "org.springframework.boot.actuate.endpoint.annotation.Endpoint",
				"org.springframework.boot.health.contributor.Health", "io.micrometer.core.instrument.MeterRegistry",
				"jakarta.servlet.Servlet", "org.springframework.web.client.RestClient" }) {
			assertThatExceptionOfType(ClassNotFoundException.class).isThrownBy(() -> Class.forName(absent));
		}
	}

	@SpringBootApplication
	static class App {

		final CountDownLatch told = new CountDownLatch(1);

		@Bean
		@Supervised
		EndpointFactory feed() {
			var first = new CountDownLatch(1);
			return () -> {
				boolean crashes = first.getCount() == 1;
				first.countDown();
				return new Feed(crashes);
			};
		}

		@EventListener
		void crashed(EndpointCrashEvent event) {
			this.told.countDown();
		}

	}

}
