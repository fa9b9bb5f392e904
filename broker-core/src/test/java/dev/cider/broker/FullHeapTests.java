package dev.cider.broker;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * G9 while no object can be allocated: endpoints crash, are too slow, and are closed with
 * their broker, and once there is memory again none is lost.
 */
class FullHeapTests {

	/** How many endpoints there are. */
	private static final int ENDPOINTS = 200;

	/** For how long the heap is full. */
	private static final Duration FULL = Duration.ofSeconds(2);

	private static final long FULL_NANOS = FULL.toNanos();

	private static final String PASSED = "FullHeapTests: passed";

	/** What happens to each endpoint while the heap is full. */
	enum Event {

		/** It throws. */
		CRASH,

		/** Its timers come due: the start timeout, then the close timeout. */
		TIMEOUT,

		/** It is removed, and its serve returns while the heap is full. */
		REMOVAL,

		/** The broker terminates. */
		TERMINATION,

		/** The broker terminates, and endpoints depend on others. */
		ORDERED_TERMINATION;

		boolean isTermination() {
			return this == TERMINATION || this == ORDERED_TERMINATION;
		}

	}

	/** In a JVM of its own, which has a small heap and one collector. */
	@ParameterizedTest
	@EnumSource
	void g9NoEndpointIsLostWhileTheHeapIsFull(Event event) throws Exception {
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-Xmx48m", "-XX:+UseSerialGC", "-cp",
				System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
				FullHeapTests.class.getName(), event.name())
			.redirectErrorStream(true)
			.start();
		try {
			List<String> lines = process.inputReader().lines().toList();
			assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
			assertThat(lines).contains(PASSED);
			assertThat(process.exitValue()).isZero();
		}
		finally {
			process.destroyForcibly();
		}
	}

	public static void main(String[] args) throws Exception {
		Thread.currentThread().setUncaughtExceptionHandler((thread, failed) -> {
			failed.printStackTrace();
			System.exit(1);
		});
		run(Event.valueOf(args[0]));
		System.out.println(PASSED);
		System.exit(0);
	}

	private static void run(Event event) throws Exception {
		CountDownLatch serving = new CountDownLatch(ENDPOINTS);
		Gate gate = new Gate(serving);
		Broker broker = Broker.builder().keepServing(true).build();
		AtomicInteger created = new AtomicInteger();
		AtomicInteger closed = new AtomicInteger();
		EndpointOptions options = (event == Event.TIMEOUT)
				? TestOptions.restartAtOnce().toBuilder().startTimeout(FULL.dividedBy(2)).explicitReady(true).build()
				: TestOptions.restartAtOnce();
		for (int i = 0; i < ENDPOINTS; i++) {
			ContextualEndpointFactory factory = (context) -> new Gated(gate, context, created, closed, event);
			boolean depends = event == Event.ORDERED_TERMINATION && i % 10 != 0;
			broker.registerEndpointFactory("e" + i, factory,
					depends ? options.toBuilder().dependsOn("e" + (i - 1)).build() : options);
		}
		Told told = new Told();
		broker.monitor(told);
		broker.listenAndServe();
		Waiting.on(serving);
		List<CompletableFuture<Void>> removals = (event == Event.REMOVAL) ? removeAll(broker, closed) : List.of();
		Hog hog = new Hog();
		Thread acting = new Thread(() -> {
			while (!hog.full) {
				LockSupport.park();
			}
			if (event == Event.CRASH || event == Event.REMOVAL) {
				gate.open();
			}
			else if (event.isTermination()) {
				broker.terminate();
			}
		}, "acting");
		hog.waiting = acting;
		acting.start();
		Thread filling = new Thread(hog, "hog");
		filling.start();
		filling.join();
		acting.join();
		if (event.isTermination()) {
			Termination end = broker.await();
			assertThat(end.stuck()).isEmpty();
			assertThat(closed).hasValue(ENDPOINTS);
			Waiting.until(() -> told.ends.get() == 1);
			return;
		}
		if (event == Event.REMOVAL) {
			for (CompletableFuture<Void> removal : removals) {
				removal.get(Waiting.LIMIT.toSeconds(), TimeUnit.SECONDS);
			}
			assertThat(broker.endpoints()).isEmpty();
			broker.close();
			assertThat(broker.await().stuck()).isEmpty();
			Waiting.until(() -> told.ends.get() == 1);
			assertThat(told.removals).hasValue(ENDPOINTS);
			return;
		}
		Waiting.until(() -> broker.endpoints()
			.stream()
			.allMatch((endpoint) -> endpoint.state() == EndpointState.SERVING && endpoint.incarnation() > 1));
		assertThat(broker.endpoints()).allSatisfy((endpoint) -> {
			assertThat(endpoint.crashes()).isEqualTo(endpoint.incarnation() - 1);
			assertThat(endpoint.abandoned()).isZero();
		});
		long crashes = broker.endpoints().stream().mapToLong(EndpointSnapshot::crashes).sum();
		assertThat(crashes).isGreaterThanOrEqualTo(ENDPOINTS);
		broker.close();
		assertThat(broker.await().stuck()).isEmpty();
		assertThat(closed).hasValue(created.get());
		Waiting.until(() -> told.ends.get() == 1);
		assertThat(told.crashes).hasValue((int) crashes);
	}

	/** All are closed, but none returns from its serve yet. */
	private static List<CompletableFuture<Void>> removeAll(Broker broker, AtomicInteger closed) {
		List<CompletableFuture<Void>> removals = broker.endpoints()
			.stream()
			.map((endpoint) -> broker.remove(endpoint.id()))
			.toList();
		Waiting.until(() -> closed.get() == ENDPOINTS);
		return removals;
	}

	/**
	 * Takes all memory, to the last object, lets a thread go on, and takes what others
	 * free meanwhile.
	 */
	private static final class Hog implements Runnable {

		private static final int SMALLEST = 0;

		volatile boolean full;

		volatile @Nullable Thread waiting;

		private Object @Nullable [] taken;

		@Override
		public void run() {
			fill(1 << 20);
			long end = System.nanoTime() + FULL_NANOS;
			this.full = true;
			LockSupport.unpark(this.waiting);
			while (System.nanoTime() - end < 0) {
				fill(SMALLEST);
			}
			this.taken = null;
		}

		private void fill(int largest) {
			int size = largest;
			while (true) {
				try {
					while (true) {
						this.taken = new Object[] { this.taken, new byte[size] };
					}
				}
				catch (OutOfMemoryError less) {
					if (size == SMALLEST) {
						return;
					}
					size /= 2;
				}
			}
		}

	}

	/** A monitor that throws each time, as a listener does that needs memory itself. */
	private static final class Told implements BrokerMonitor {

		final AtomicInteger crashes = new AtomicInteger();

		final AtomicInteger ends = new AtomicInteger();

		final AtomicInteger removals = new AtomicInteger();

		@Override
		public void removed(EndpointSnapshot endpoint) {
			this.removals.incrementAndGet();
			throw Gate.CRASH;
		}

		@Override
		public void crashed(EndpointCrashReport report) {
			this.crashes.incrementAndGet();
			throw Gate.CRASH;
		}

		@Override
		public void terminated(Termination termination) {
			this.ends.incrementAndGet();
			throw Gate.CRASH;
		}

	}

	/** Lets all waiting threads go on, without allocating. */
	private static final class Gate {

		static final RuntimeException CRASH = new IllegalStateException("boom");

		final CountDownLatch serving;

		final Thread[] waiting = new Thread[ENDPOINTS];

		private final AtomicInteger count = new AtomicInteger();

		volatile boolean open;

		Gate(CountDownLatch serving) {
			this.serving = serving;
		}

		void enter() {
			int place = this.count.getAndIncrement();
			if (place < ENDPOINTS) {
				this.waiting[place] = Thread.currentThread();
				this.serving.countDown();
			}
		}

		void open() {
			this.open = true;
			for (Thread thread : this.waiting) {
				LockSupport.unpark(thread);
			}
		}

	}

	/** Only the first of each endpoint crashes, or never says that it is ready. */
	private static final class Gated implements Endpoint {

		private final Gate gate;

		private final EndpointContext context;

		private final AtomicInteger closed;

		private final boolean first;

		private final boolean late;

		/** Whether its close ends it; otherwise the gate does. */
		private final boolean obeys;

		private volatile boolean over;

		private volatile @Nullable Thread thread;

		Gated(Gate gate, EndpointContext context, AtomicInteger created, AtomicInteger closed, Event event) {
			this.gate = gate;
			this.context = context;
			this.closed = closed;
			this.first = context.incarnation() == 1;
			this.late = event == Event.TIMEOUT;
			this.obeys = event != Event.REMOVAL;
			created.incrementAndGet();
		}

		@Override
		public void listenAndServe() {
			this.thread = Thread.currentThread();
			if (!this.first || !this.late) {
				this.context.ready();
			}
			if (this.first) {
				this.gate.enter();
			}
			while (!this.over) {
				LockSupport.park();
				if (this.first && this.gate.open) {
					throw Gate.CRASH;
				}
			}
		}

		@Override
		public void close() {
			this.closed.incrementAndGet();
			this.over = this.obeys;
			LockSupport.unpark(this.thread);
			throw Gate.CRASH;
		}

	}

}
