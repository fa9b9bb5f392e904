package dev.cider.broker;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

import javax.management.ObjectName;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How much a start, a restart and a stop allocate, by the JVM's own counter: there may be
 * a million endpoints. The bounds are a little above the least that was measured, so one
 * more object per signal fails. On virtual threads, as a platform thread is allocated
 * outside the heap.
 */
@EnabledForJreRange(min = JRE.JAVA_21, disabledReason = "the counter and virtual threads came with Java 21")
class AllocationTests {

	private static final int ENDPOINTS = 10_000;

	private static final int RESTARTS = 100_000;

	private static final int ROUNDS = 10;

	private static final String LEAST = "AllocationTests: least bytes per ";

	private static Map<String, Double> bytes;

	/**
	 * In a JVM of its own: after other tests, and under their agents, the compiler
	 * removes fewer allocations.
	 */
	@BeforeAll
	static void measureInAnotherJvm() throws Exception {
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
				System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
				"-Dlogback.configurationFile=logback-off.xml", AllocationTests.class.getName())
			.redirectErrorStream(true)
			.start();
		List<String> lines = process.inputReader().lines().toList();
		lines.forEach(System.out::println);
		assertThat(process.waitFor()).isZero();
		bytes = lines.stream()
			.filter((line) -> line.startsWith(LEAST))
			.map((line) -> line.substring(LEAST.length()).split(" "))
			.collect(Collectors.toMap((words) -> words[0], (words) -> Double.valueOf(words[1])));
	}

	@Test
	void aStartAllocatesLittleThatDoesNotStay() {
		assertThat(bytes.get("start")).isLessThan(550);
	}

	@Test
	void aStopAllocatesLittle() {
		assertThat(bytes.get("stop")).isLessThan(1800);
	}

	@Test
	void aRestartAllocatesLittleBesideTheTraceOfTheCrash() {
		assertThat(bytes.get("restart")).isLessThan(2400);
	}

	public static void main(String[] args) throws Exception {
		print("start", () -> startAndStop()[0]);
		print("stop", () -> startAndStop()[1]);
		print("restart", AllocationTests::restart);
		System.exit(0);
	}

	/** The least of several rounds: code that is not compiled yet allocates more. */
	private static void print(String what, Callable<Double> bytes) throws Exception {
		double[] counted = new double[ROUNDS];
		for (int i = 0; i < ROUNDS; i++) {
			counted[i] = bytes.call();
		}
		System.out.println("AllocationTests: bytes per " + what + ": " + Arrays.toString(counted));
		System.out.println(LEAST + what + " " + Arrays.stream(counted).min().orElseThrow());
	}

	/** What a start allocates and does not keep, and what a stop allocates. */
	private static double[] startAndStop() throws Exception {
		CountDownLatch serving = new CountDownLatch(ENDPOINTS);
		Broker broker = broker();
		for (int i = 0; i < ENDPOINTS; i++) {
			broker.registerEndpointFactory("e" + i, () -> new Parked(serving));
		}
		long registered = live();
		long before = allocated();
		broker.listenAndServe();
		Waiting.on(serving);
		long started = allocated();
		double start = (started - before - (live() - registered)) / (double) ENDPOINTS;
		before = allocated();
		broker.close();
		return new double[] { start, (allocated() - before) / (double) ENDPOINTS };
	}

	/** One endpoint that crashes as soon as it serves. */
	private static double restart() throws Exception {
		AtomicInteger left = new AtomicInteger(RESTARTS);
		CountDownLatch done = new CountDownLatch(1);
		Broker broker = broker();
		broker.registerEndpointFactory("crashing", () -> new Crashing(left, done), TestOptions.restartAtOnce());
		long before = allocated();
		broker.listenAndServe();
		Waiting.on(done);
		double bytes = (allocated() - before) / (double) RESTARTS;
		broker.close();
		return bytes;
	}

	private static Broker broker() throws Exception {
		Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
		Class<?> type = Class.forName("java.lang.Thread$Builder");
		return Broker.builder().threadFactory((ThreadFactory) type.getMethod("factory").invoke(builder)).build();
	}

	private static long allocated() throws Exception {
		return (Long) ManagementFactory.getPlatformMBeanServer()
			.getAttribute(new ObjectName("java.lang:type=Threading"), "TotalThreadAllocatedBytes");
	}

	private static long live() {
		System.gc();
		Runtime runtime = Runtime.getRuntime();
		return runtime.totalMemory() - runtime.freeMemory();
	}

	/** Parks its thread until it is closed. */
	private static final class Parked implements Endpoint {

		private final CountDownLatch serving;

		private volatile @Nullable Thread thread;

		private volatile boolean closed;

		Parked(CountDownLatch serving) {
			this.serving = serving;
		}

		@Override
		public void listenAndServe() {
			this.thread = Thread.currentThread();
			this.serving.countDown();
			while (!this.closed) {
				LockSupport.park();
			}
		}

		@Override
		public void close() {
			this.closed = true;
			LockSupport.unpark(this.thread);
		}

	}

	/** Crashes as often as is left. */
	private record Crashing(AtomicInteger left, CountDownLatch done) implements Endpoint {

		private static final Exception CRASH = new Traceless();

		@Override
		public void listenAndServe() throws Exception {
			if (this.left.decrementAndGet() >= 0) {
				throw CRASH;
			}
			this.done.countDown();
		}

		@Override
		public void close() {
		}

	}

	private static final class Traceless extends Exception {

		private static final long serialVersionUID = 1L;

		Traceless() {
			super("boom", null, false, false);
		}

	}

}
