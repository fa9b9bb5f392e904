package dev.cider.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Careless threads that call an operation in a loop hold up nobody (G9): no other caller,
 * no other endpoint, not the timer, and not the endpoint itself.
 */
class StormTests {

	private static final int STORMERS = 2;

	/**
	 * Few, for what waits is joined: of the usual number a storm makes use too rarely.
	 */
	private static final int SLICE = 2;

	private static final RestartPolicy SOON = RestartPolicy.builder()
		.allowedConsecutiveErrors(RestartPolicy.UNLIMITED)
		.backoff(Backoff.builder().delay(Duration.ofMillis(1)).maxDelay(Duration.ofMillis(1)).build())
		.build();

	private final CountingTime time = new CountingTime();

	private final Broker broker = Broker.builder().keepServing(true).time(this.time).slice(SLICE).build();

	private final Puppets stormed = new Puppets();

	private final AtomicLong otherMade = new AtomicLong();

	private final AtomicBoolean storming = new AtomicBoolean(true);

	private final AtomicLong calls = new AtomicLong();

	/** Signals of the stormed endpoint on the thread for signals. */
	private final AtomicLong handedOver = new AtomicLong();

	private final List<Thread> stormers = new ArrayList<>();

	@AfterEach
	void end() throws InterruptedException {
		this.storming.set(false);
		for (Thread stormer : this.stormers) {
			stormer.join();
		}
		this.broker.close();
	}

	/**
	 * What the timer has left for the other endpoint is worked on there, too. But while
	 * somebody works on that, its queue is not idle.
	 */
	private void countHandedOver(String thread) {
		if (thread.equals(SignalThread.NAME) && new Insides(this.broker).isIdle("other")) {
			this.handedOver.incrementAndGet();
		}
	}

	private void storm(BiConsumer<Broker, String> operation) {
		this.time.onSignal = this::countHandedOver;
		this.broker.registerEndpointFactory("stormed", this.stormed);
		this.broker.registerEndpointFactory("other", () -> {
			this.otherMade.incrementAndGet();
			throw new IllegalStateException("boom");
		}, EndpointOptions.builder().restartPolicy(SOON).build());
		this.broker.listenAndServe();
		this.stormed.next();
		for (int i = 0; i < STORMERS; i++) {
			Thread stormer = new Thread(() -> {
				while (this.storming.get()) {
					this.time.callBegins();
					operation.accept(this.broker, "stormed");
					this.calls.incrementAndGet();
				}
			}, "stormer-" + i);
			this.stormers.add(stormer);
			stormer.start();
		}
		Waiting.until(() -> this.calls.get() > 100_000);
		Waiting.until(() -> this.handedOver.get() > 0 || this.calls.get() > 3_000_000);
	}

	private void assertNobodyIsHeldUp() {
		long made = this.otherMade.get();
		Waiting.until(() -> this.otherMade.get() > made + 20);
		for (int i = 0; i < 100; i++) {
			this.time.callBegins();
			this.broker.restart("stormed");
		}
		// A stop and a restart that wait may be one, and are told one after the other.
		assertThat(this.time.mostInACall()).as("signals that a caller works on").isBetween(1, 2 * SLICE);
		assertThat(this.time.signalsOn("broker-timer")).as("signals that the timer works on").isZero();
		assertThat(this.handedOver).as("signals of the stormed that were handed over, or this proves little")
			.hasPositiveValue();
	}

	@Test
	void g9AStormOfRestartsHoldsUpNobody() {
		storm(Broker::restart);
		assertNobodyIsHeldUp();
		Waiting.until(() -> this.broker.endpoint("stormed").restarts() > 5);
	}

	@Test
	void g9AStormOfStopsHoldsUpNobody() {
		storm(Broker::stop);
		assertNobodyIsHeldUp();
	}

	@Test
	void g11AStormKeepsNoBrokerFromItsEnd() throws InterruptedException {
		storm((broker, id) -> {
			try {
				broker.restart(id);
			}
			catch (EndpointTerminatedException over) {
				this.storming.set(false);
			}
		});
		this.broker.terminate();
		assertThat(this.broker.await(Waiting.LIMIT)).isTrue();
		assertThat(this.stormed.all).allSatisfy((puppet) -> assertThat(puppet.closes).hasValue(1));
	}

	/** What waits behind a thread that gets no processor is bounded, or memory ends. */
	@Test
	void g9TenThousandTerminationsThatWaitAreOne() throws InterruptedException {
		this.broker.registerEndpointFactory("stormed", this.stormed);
		this.broker.listenAndServe();
		this.stormed.next();
		Waiting.untilState(this.broker, "stormed", EndpointState.SERVING);
		this.time.stall();
		Thread slow = new Thread(() -> this.broker.stop("stormed"), "slow");
		slow.start();
		this.time.awaitStalled();
		for (int i = 0; i < 10_000; i++) {
			this.broker.announceTermination();
		}
		for (int i = 0; i < 10_000; i++) {
			this.broker.terminate();
		}
		this.time.callBegins();
		this.time.goOn();
		slow.join();
		assertThat(this.broker.await(Waiting.LIMIT)).isTrue();
		assertThat(this.time.signalsOn("slow") + this.time.signalsOn(SignalThread.NAME)).as("signals")
			.isLessThan(SignalThread.SLICE);
	}

	/**
	 * Real time, which a draining thread asks for once per signal.
	 */
	private static final class CountingTime implements Time {

		private final SystemTime time = new SystemTime((task) -> {
			Thread thread = new Thread(task, "broker-timer");
			thread.setDaemon(true);
			return thread;
		});

		private final Map<String, AtomicLong> signals = new ConcurrentHashMap<>();

		private final ThreadLocal<int[]> inThisCall = new ThreadLocal<>();

		private final AtomicLong most = new AtomicLong();

		private final CountDownLatch begun = new CountDownLatch(1);

		private final CountDownLatch stalled = new CountDownLatch(1);

		private final CountDownLatch release = new CountDownLatch(1);

		private volatile boolean stalling;

		/** Is told the thread that works on a signal; set before the broker serves. */
		private volatile Consumer<String> onSignal = (thread) -> {
		};

		/** From now on who works on a signal gets no further. */
		void stall() {
			this.stalling = true;
		}

		void awaitStalled() {
			Waiting.on(this.stalled);
		}

		void goOn() {
			this.release.countDown();
		}

		/** From now on this thread is in another call. */
		void callBegins() {
			this.inThisCall.set(new int[1]);
			this.begun.countDown();
		}

		int mostInACall() {
			return (int) this.most.get();
		}

		long signalsOn(String thread) {
			return this.signals.getOrDefault(thread, new AtomicLong()).get();
		}

		@Override
		public Moment now() {
			if (this.stalling) {
				this.stalled.countDown();
				Waiting.on(this.release);
			}
			if (this.begun.getCount() == 0) {
				String thread = Thread.currentThread().getName();
				this.signals.computeIfAbsent(thread, (name) -> new AtomicLong()).incrementAndGet();
				this.onSignal.accept(thread);
				int[] count = this.inThisCall.get();
				if (count != null) {
					this.most.accumulateAndGet(++count[0], Math::max);
				}
			}
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
			return this.time.after(delay, task);
		}

		@Override
		public void close() {
			this.time.close();
		}

	}

}
