package dev.cider.broker.sample.web;

import java.util.concurrent.CountDownLatch;

import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.spring.Supervised;

import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * Endpoints that give the page something to show. Not annotated, or every test would have
 * them.
 */
class PageEndpoints {

	static final String HOSTILE = "<script>document.hacked = 1</script><img src=x onerror='document.hacked = 2'>";

	@Bean
	@Supervised
	EndpointFactory dropped() {
		return () -> new Failing("no way");
	}

	@Bean
	@Supervised
	EndpointFactory waiting() {
		return () -> new Failing("Connection refused");
	}

	@Bean
	@Supervised
	EndpointFactory hostile() {
		return () -> new Failing(HOSTILE);
	}

	/**
	 * As many more as the environment says.
	 */
	@Bean
	static BeanDefinitionRegistryPostProcessor feeds(Environment environment) {
		int count = environment.getProperty("test.feeds", Integer.class, 0);
		return (registry) -> {
			for (int number = 1; number <= count; number++) {
				RootBeanDefinition definition = new RootBeanDefinition(EndpointFactory.class, () -> Waiting::new);
				definition.addQualifier(new AutowireCandidateQualifier(Supervised.class));
				registry.registerBeanDefinition("feed-%04d".formatted(number), definition);
			}
		};
	}

	/**
	 * Serves until it is closed.
	 */
	private static final class Waiting implements Endpoint {

		private final CountDownLatch closed = new CountDownLatch(1);

		@Override
		public void listenAndServe() throws InterruptedException {
			this.closed.await();
		}

		@Override
		public void close() {
			this.closed.countDown();
		}

	}

	/**
	 * Cannot serve.
	 */
	private record Failing(String message) implements Endpoint {

		@Override
		public void listenAndServe() {
			throw new IllegalStateException(this.message);
		}

		@Override
		public void close() {
		}

	}

}
