package dev.cider.broker.spring.autoconfigure;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.cider.broker.EndpointFactory;
import dev.cider.broker.spring.ScriptedEndpoint;
import dev.cider.broker.spring.Supervised;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * On which kind of threads endpoints run.
 */
class ThreadsTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(BrokerAutoConfiguration.class))
		.withUserConfiguration(Tcp.class);

	@ParameterizedTest
	@CsvSource({ "platform, false", "platform, true", "auto, false" })
	void endpointsRunOnPlatformThreadsUnlessTheApplicationAsksForVirtualOnes(String threads, String virtual) {
		assertVirtual(threads, virtual, false);
	}

	@ParameterizedTest
	@EnabledForJreRange(min = JRE.JAVA_21)
	@CsvSource({ "virtual, false", "virtual, true", "auto, true" })
	void endpointsRunOnVirtualThreadsWhereAskedFor(String threads, String virtual) {
		assertVirtual(threads, virtual, true);
	}

	private void assertVirtual(String threads, String virtual, boolean expected) {
		this.contextRunner.withPropertyValues("broker.threads=" + threads, "spring.threads.virtual.enabled=" + virtual)
			.run((context) -> {
				Thread thread = context.getBean(Tcp.class).thread.get(4, TimeUnit.MINUTES);
				assertThat(thread.getName()).isEqualTo("broker-tcp-1");
				assertThat(thread.getClass().getName().contains("VirtualThread")).isEqualTo(expected);
			});
	}

	@Configuration(proxyBeanMethods = false)
	static class Tcp {

		final CompletableFuture<Thread> thread = new CompletableFuture<>();

		@Bean
		@Supervised
		EndpointFactory tcp() {
			return () -> {
				this.thread.complete(Thread.currentThread());
				return new ScriptedEndpoint();
			};
		}

	}

}
