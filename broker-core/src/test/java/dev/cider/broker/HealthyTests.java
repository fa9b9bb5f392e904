package dev.cider.broker;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import com.sun.management.ThreadMXBean;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An endpoint that serves costs nothing: no timer waits for it, nothing is woken, nothing
 * is allocated. With a heartbeat timeout, a timer fires once per timeout.
 */
class HealthyTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(100);

	private final CountingTime time = new CountingTime();

	private final BlockingQueue<Obedient> made = new LinkedBlockingQueue<>();

	private Broker serve(EndpointOptions options) {
		Broker broker = Broker.builder().time(this.time).build();
		broker.registerEndpointFactory("tcp", (context) -> {
			context.ready();
			Obedient endpoint = new Obedient(context);
			this.made.add(endpoint);
			return endpoint;
		}, options);
		broker.listenAndServe();
		return broker;
	}

	@Test
	void noTimerWaitsForAnEndpointThatServes() {
		try (Broker broker = serve(EndpointOptions.builder().startTimeout(TIMEOUT).build())) {
			Waiting.next(this.made).awaitServing();
			Waiting.until(() -> this.time.pending() == 0);
			this.time.pass(Duration.ofDays(365));
			assertThat(this.time.fired).hasValue(0);
			assertThat(broker.endpoint("tcp").state()).isEqualTo(EndpointState.SERVING);
		}
	}

	@Test
	void anEndpointThatServesAndItsHeartbeatsWakeNoThreadOfTheBrokerAndAllocateNothing() {
		try (Broker broker = serve(EndpointOptions.builder().heartbeatTimeout(TIMEOUT).build())) {
			Obedient endpoint = Waiting.next(this.made);
			endpoint.awaitServing();
			Waiting.until(() -> this.time.pending() == 1);
			AtomicInteger armed = this.time.armed;
			int before = armed.get();
			long[] allocated = new long[1];
			endpoint.make((context) -> {
				// The first reading of the counter allocates by itself.
				allocatedBy(context, 1_000_000);
				allocated[0] = allocatedBy(context, 1_000_000);
			});
			// Asking costs some bytes itself; a million of anything would cost millions.
			assertThat(allocated[0]).isLessThan(1_000);
			assertThat(armed).hasValue(before);
			assertThat(this.time.fired).hasValue(0);
			assertThat(broker.endpoint("tcp").state()).isEqualTo(EndpointState.SERVING);
		}
	}

	private static long allocatedBy(EndpointContext context, int heartbeats) {
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		context.heartbeat();
		long before = threads.getCurrentThreadAllocatedBytes();
		for (int i = 0; i < heartbeats; i++) {
			context.heartbeat();
		}
		return threads.getCurrentThreadAllocatedBytes() - before;
	}

	@Test
	void withAHeartbeatTimeoutATimerFiresTwicePerTimeout() {
		try (Broker broker = serve(EndpointOptions.builder().heartbeatTimeout(TIMEOUT).build())) {
			Obedient endpoint = Waiting.next(this.made);
			endpoint.awaitServing();
			Waiting.until(() -> this.time.pending() == 1);
			for (int second = 0; second < 1_000; second++) {
				this.time.pass(Duration.ofSeconds(1));
				endpoint.make(EndpointContext::heartbeat);
				// What fires is worked on by another thread, which arms the next one.
				Waiting.until(() -> this.time.pending() == 1);
			}
			assertThat(this.time.fired).hasValue(20);
			assertThat(this.time.pending()).isEqualTo(1);
			assertThat(broker.endpoint("tcp").state()).isEqualTo(EndpointState.SERVING);
		}
	}

	/**
	 * Serves, and does with its context what the test says.
	 */
	private static final class Obedient implements Endpoint {

		private static final Consumer<EndpointContext> END = (context) -> {
		};

		private final EndpointContext context;

		private final CountDownLatch serving = new CountDownLatch(1);

		private final BlockingQueue<Consumer<EndpointContext>> orders = new LinkedBlockingQueue<>();

		Obedient(EndpointContext context) {
			this.context = context;
		}

		@Override
		public void listenAndServe() throws Exception {
			this.serving.countDown();
			for (var order = this.orders.take(); order != END; order = this.orders.take()) {
				order.accept(this.context);
			}
		}

		@Override
		public void close() {
			this.orders.add(END);
		}

		void awaitServing() {
			Waiting.on(this.serving);
		}

		/** Waits until it is done. */
		void make(Consumer<EndpointContext> order) {
			CountDownLatch done = new CountDownLatch(1);
			this.orders.add((context) -> {
				order.accept(context);
				done.countDown();
			});
			Waiting.on(done);
		}

	}

	/**
	 * Counts what is armed and what fires.
	 */
	private static final class CountingTime implements Time {

		private final ManualTime time = new ManualTime();

		private final AtomicInteger armed = new AtomicInteger();

		private final AtomicInteger fired = new AtomicInteger();

		void pass(Duration duration) {
			this.time.pass(duration);
		}

		long pending() {
			return this.time.pending();
		}

		@Override
		public Moment now() {
			return this.time.now();
		}

		@Override
		public long nanos() {
			return this.time.nanos();
		}

		@Override
		public void start() {
			this.time.start();
		}

		@Override
		public Timer after(Duration delay, Runnable task) {
			this.armed.incrementAndGet();
			return this.time.after(delay, () -> {
				this.fired.incrementAndGet();
				task.run();
			});
		}

		@Override
		public void close() {
			this.time.close();
		}

	}

}
