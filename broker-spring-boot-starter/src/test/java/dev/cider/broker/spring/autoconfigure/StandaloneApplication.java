package dev.cider.broker.spring.autoconfigure;

import java.util.concurrent.CountDownLatch;

import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointContext;
import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.spring.BrokerTerminatedEvent;
import dev.cider.broker.spring.Supervised;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;

/**
 * An application in a process of its own, without a web server, whose only work is its
 * endpoint. The first incarnation crashes when {@code main} has returned and its thread
 * has ended; with the argument {@code closes} the second one closes the application.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
class StandaloneApplication {

	private static final CountDownLatch mainIsOver = new CountDownLatch(1);

	private static volatile ConfigurableApplicationContext context;

	public static void main(String[] args) {
		Thread main = Thread.currentThread();
		Thread witness = new Thread(() -> {
			try {
				main.join();
			}
			catch (InterruptedException never) {
				Thread.currentThread().interrupt();
			}
			mainIsOver.countDown();
		});
		witness.setDaemon(true);
		witness.start();
		context = SpringApplication.run(StandaloneApplication.class, args);
	}

	@Bean
	@Supervised
	ContextualEndpointFactory feed() {
		return Feed::new;
	}

	@EventListener
	void over(BrokerTerminatedEvent event) {
		System.out.println("# terminated");
	}

	private record Feed(EndpointContext incarnation, CountDownLatch closed) implements Endpoint {

		Feed(EndpointContext incarnation) {
			this(incarnation, new CountDownLatch(1));
		}

		@Override
		public void listenAndServe() throws Exception {
			if (this.incarnation.incarnation() == 1) {
				mainIsOver.await();
				throw new IllegalStateException("boom");
			}
			System.out.println("# served again on " + Thread.currentThread());
			if (context.getEnvironment().containsProperty("closes")) {
				// Not here: the close waits for this thread.
				new Thread(context::close).start();
			}
			this.closed.await();
			System.out.println("# ended");
		}

		@Override
		public void close() {
			System.out.println("# closed " + this.incarnation.incarnation());
			this.closed.countDown();
		}

	}

}
