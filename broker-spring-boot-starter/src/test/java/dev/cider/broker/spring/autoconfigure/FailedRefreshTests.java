package dev.cider.broker.spring.autoconfigure;

import java.util.Set;

import dev.cider.broker.spring.BrokerThreads;
import dev.cider.broker.spring.ScriptedFactory;
import dev.cider.broker.spring.Supervised;
import org.junit.jupiter.api.Test;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContextException;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A start of the application that fails after the broker has started.
 */
class FailedRefreshTests {

	private static final ScriptedFactory factory = new ScriptedFactory();

	@Test
	void aFailedRefreshClosesTheStartedEndpointsAndLeavesNoThread() {
		Set<Thread> before = BrokerThreads.alive();
		assertThatExceptionOfType(ApplicationContextException.class)
			.isThrownBy(() -> new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE).run())
			.withRootCauseInstanceOf(IllegalStateException.class);
		assertThat(factory.latest().closing.getCount()).isZero();
		ScriptedFactory.await(() -> before.containsAll(BrokerThreads.alive()));
	}

	@SpringBootConfiguration
	@ImportAutoConfiguration(BrokerAutoConfiguration.class)
	static class Application {

		@Bean
		@Supervised
		ScriptedFactory tcp() {
			return factory;
		}

		@Bean
		SmartLifecycle tooLate() {
			return new SmartLifecycle() {

				@Override
				public void start() {
					// The broker starts long before, so its endpoint is being served.
					ScriptedFactory.await(() -> !factory.made.isEmpty());
					throw new IllegalStateException("the port is in use");
				}

				@Override
				public void stop() {
					// Never started.
				}

				@Override
				public boolean isRunning() {
					return false;
				}

			};
		}

	}

}
