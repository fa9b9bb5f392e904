package dev.cider.broker.spring.autoconfigure;

import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.spring.Supervised;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;

/**
 * An application in a process of its own, which prints what happens. {@code crash} names
 * the endpoints that crash: when all is ready, or at once if {@code early}.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
class ShutdownApplication {

	private final CountDownLatch ready = new CountDownLatch(1);

	private final Set<String> crashing;

	private final boolean early;

	ShutdownApplication(@Value("${crash}") Set<String> crashing, @Value("${early:false}") boolean early) {
		this.crashing = crashing;
		this.early = early;
	}

	public static void main(String[] args) {
		SpringApplication.run(ShutdownApplication.class, args);
	}

	private static void tell(String line) {
		System.out.println("# " + line);
	}

	@Bean
	Directory directory() {
		return new Directory();
	}

	@Bean
	@Supervised
	EndpointFactory tcp(Directory directory) {
		return () -> new DroppingEndpoint("tcp");
	}

	@Bean
	@Supervised
	EndpointFactory udp(Directory directory) {
		return () -> new DroppingEndpoint("udp");
	}

	/** Starts after the broker, when the endpoints already work. */
	@Bean
	SlowStarter slowStarter() {
		return new SlowStarter(this.early);
	}

	@EventListener
	void ready(ApplicationReadyEvent event) {
		tell("ready");
		this.ready.countDown();
	}

	/**
	 * What the endpoints need.
	 */
	static class Directory implements DisposableBean {

		@Override
		public void destroy() {
			tell("destroyed");
		}

	}

	private final class DroppingEndpoint implements Endpoint {

		private final CountDownLatch closed = new CountDownLatch(1);

		private final String id;

		DroppingEndpoint(String id) {
			this.id = id;
		}

		@Override
		public void listenAndServe() throws Exception {
			if (ShutdownApplication.this.crashing.contains(this.id)) {
				if (!ShutdownApplication.this.early) {
					ShutdownApplication.this.ready.await();
				}
				throw new IllegalStateException("boom");
			}
			this.closed.await();
		}

		@Override
		public void close() {
			tell("closed " + this.id);
			this.closed.countDown();
		}

	}

	/**
	 * Keeps the start from finishing until the end has begun.
	 */
	static class SlowStarter implements SmartLifecycle {

		private final boolean waits;

		private volatile boolean running;

		SlowStarter(boolean waits) {
			this.waits = waits;
		}

		@Override
		public void start() {
			if (this.waits) {
				CountDownLatch ending = new CountDownLatch(1);
				Thread watcher = new Thread(() -> {
					while (!isEnding()) {
						Thread.onSpinWait();
					}
					ending.countDown();
				});
				watcher.setDaemon(true);
				watcher.start();
				try {
					// No time limit: Spring takes a thread that waits with one for stuck.
					ending.await();
				}
				catch (InterruptedException ex) {
					tell("interrupted");
				}
			}
			this.running = true;
			tell("started");
		}

		/**
		 * Whether the exit waits for this start. If it does not, Spring interrupts us.
		 */
		private static boolean isEnding() {
			return Thread.getAllStackTraces()
				.entrySet()
				.stream()
				.filter((thread) -> thread.getKey().getName().equals("broker-exit"))
				.flatMap((thread) -> Stream.of(thread.getValue()))
				.anyMatch((frame) -> frame.getClassName().equals(CountDownLatch.class.getName()));
		}

		@Override
		public void stop() {
			tell("stopped");
			this.running = false;
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

	}

}
