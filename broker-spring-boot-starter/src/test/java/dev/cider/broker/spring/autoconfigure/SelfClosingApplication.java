package dev.cider.broker.spring.autoconfigure;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.EndpointState;
import dev.cider.broker.spring.EndpointDroppedEvent;
import dev.cider.broker.spring.EndpointStateEvent;
import dev.cider.broker.spring.Supervised;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;

/**
 * An application in a process of its own, which one of its endpoints ends in one of many
 * ways. It also has a journal, which takes a while to stop, and a store, which the
 * journal needs until then.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
class SelfClosingApplication {

	/** The application has started, and may be ended. */
	private static final CountDownLatch started = new CountDownLatch(1);

	private static final CountDownLatch storeDestroyed = new CountDownLatch(1);

	private static volatile String mode = "";

	private static volatile ConfigurableApplicationContext context;

	public static void main(String[] args) {
		mode = System.getProperty("mode");
		context = SpringApplication.run(SelfClosingApplication.class, args);
		started.countDown();
		if (mode.startsWith("close-")) {
			context.getBean(BrokerOperations.class).stop("loop");
		}
		else if (mode.startsWith("late-")) {
			context.close();
			System.out.println("# main closed the context");
		}
	}

	/** Ends the application, on the thread that calls this. */
	private static void end(String how) throws InterruptedException {
		switch (how) {
			case "context" -> closeContext();
			case "exit" -> System.exit(3);
			case "join" -> {
				Thread closer = new Thread(SelfClosingApplication::closeContext);
				closer.start();
				closer.join();
				System.out.println("# joined, interrupted: " + Thread.currentThread().isInterrupted());
			}
			case "stop" -> {
				context.stop();
				System.out.println("# stopped, interrupted: " + Thread.currentThread().isInterrupted());
				System.exit(0);
			}
			default -> throw new IllegalArgumentException(how);
		}
	}

	private static void closeContext() {
		context.close();
		System.out.println("# closed the context, interrupted: " + Thread.currentThread().isInterrupted());
	}

	@Bean
	@Supervised
	EndpointFactory loop() {
		return () -> {
			if (mode.startsWith("create-")) {
				started.await();
				end(mode.substring("create-".length()));
			}
			return new Loop();
		};
	}

	@EventListener
	void dropped(EndpointDroppedEvent event) throws InterruptedException {
		if (mode.startsWith("listener-")) {
			end(mode.substring("listener-".length()));
		}
	}

	@EventListener
	void stopped(EndpointStateEvent event) {
		if (event.getAfter().state() == EndpointState.STOPPED) {
			System.out.println("# shown as stopped, abandoned: " + event.getAfter().abandoned());
		}
	}

	/** Of a lower phase than the broker's. */
	@Bean
	SmartLifecycle journal() {
		return new SmartLifecycle() {

			private volatile boolean running;

			@Override
			public void start() {
				this.running = true;
			}

			@Override
			public void stop() {
				throw new UnsupportedOperationException();
			}

			@Override
			public void stop(Runnable callback) {
				new Thread(() -> {
					flush();
					this.running = false;
					callback.run();
				}).start();
			}

			/** Long enough for a context that does not wait for it. */
			private void flush() {
				try {
					boolean tooEarly = storeDestroyed.await(500, TimeUnit.MILLISECONDS);
					System.out.println(tooEarly ? "# the store was destroyed too early" : "# journal flushed");
				}
				catch (InterruptedException ex) {
					System.out.println("# interrupted while flushing");
				}
			}

			@Override
			public boolean isRunning() {
				return this.running;
			}

			@Override
			public int getPhase() {
				return 0;
			}

		};
	}

	@Bean
	DisposableBean store() {
		return () -> {
			System.out.println("# store destroyed");
			storeDestroyed.countDown();
		};
	}

	private static final class Loop implements Endpoint {

		private final CountDownLatch closed = new CountDownLatch(1);

		@Override
		public void listenAndServe() throws Exception {
			started.await();
			if (mode.startsWith("serve-")) {
				end(mode.substring("serve-".length()));
			}
			else if (mode.startsWith("listener-")) {
				throw new IllegalStateException("boom");
			}
			this.closed.await();
			if (mode.startsWith("late-")) {
				end(mode.substring("late-".length()));
			}
		}

		@Override
		public void close() throws Exception {
			System.out.println("# loop closed");
			this.closed.countDown();
			if (mode.startsWith("close-")) {
				end(mode.substring("close-".length()));
			}
		}

	}

}
