package app;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.cider.broker.Broker;
import dev.cider.broker.BrokerOperations;
import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.spring.Supervised;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The released starter is all that an application needs.
 */
class ReleaseTests {

	private static final CountDownLatch served = new CountDownLatch(2);

	@Test
	@Timeout(60)
	void theReleasedStarterServesAnEndpointAndRestartsIt() throws InterruptedException {
		try (var context = SpringApplication.run(App.class)) {
			assertThat(served.await(50, TimeUnit.SECONDS)).isTrue();
			assertThat(context.getBean(BrokerOperations.class).endpoint("clock").crashes()).isEqualTo(1);
		}
	}

	@Test
	void theReleasedJarsSayTheirVersion() {
		String version = System.getProperty("broker.version");
		assertThat(Broker.version()).isEqualTo(version);
		assertThat(Broker.class.getPackage().getImplementationVersion()).isEqualTo(version);
		assertThat(Supervised.class.getPackage().getImplementationVersion()).isEqualTo(version);
		assertThat(Supervised.class.getPackage().getImplementationTitle()).isEqualTo("broker-spring-boot-starter");
	}

	@SpringBootApplication
	static class App {

		@Bean
		@Supervised
		EndpointFactory clock() {
			return Clock::new;
		}

	}

	/** Crashes once. */
	static class Clock implements Endpoint {

		private final CountDownLatch closed = new CountDownLatch(1);

		@Override
		public void listenAndServe() throws InterruptedException {
			served.countDown();
			if (served.getCount() > 0) {
				throw new IllegalStateException("The first one crashes");
			}
			this.closed.await();
		}

		@Override
		public void close() {
			this.closed.countDown();
		}

	}

}
