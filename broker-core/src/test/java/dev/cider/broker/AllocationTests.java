package dev.cider.broker;

import java.io.File;
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
import java.util.stream.DoubleStream;

import javax.management.ObjectName;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How much a start, a restart and a stop allocate, by the JVM's own counter, and how many
 * objects stay: there may be a million endpoints. The bounds are a little above what was
 * measured, so one more object per signal fails. On virtual threads, as a platform thread
 * is allocated outside the heap.
 */
@EnabledForJreRange(min = JRE.JAVA_21, disabledReason = "the counter and virtual threads came with Java 21")
class AllocationTests {

	private static final int ENDPOINTS = 10_000;

	private static final int RESTARTS = 100_000;

	private static final int ROUNDS = 14;

	private static final String SHOWN = "AllocationTests: measured ";

	/** How many objects a broker with one endpoint may have, whatever happened before. */
	private static final int FEW = 200;

	/** How often objects are counted until they are few. */
	private static final int COUNTS = 20;

	private static Map<String, Double> measured;

	/**
	 * In a JVM of its own: after other tests, and under their agents, the compiler
	 * removes fewer allocations. Compiled on the thread that runs, so that other
	 * processes do not decide what is compiled when. Without a log, whose context takes
	 * memory on the thread of each incarnation.
	 */
	@BeforeAll
	static void measureInAnotherJvm() throws Exception {
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-Xbatch", "-Xmx1g", "-XX:+UseG1GC", "-cp", classPathWithoutLog(), AllocationTests.class.getName())
			.redirectErrorStream(true)
			.start();
		List<String> lines = process.inputReader().lines().toList();
		lines.forEach(System.out::println);
		assertThat(process.waitFor()).isZero();
		measured = lines.stream()
			.filter((line) -> line.startsWith(SHOWN))
			.map((line) -> line.substring(SHOWN.length()).split(" "))
			.collect(Collectors.toMap((words) -> words[0], (words) -> Double.valueOf(words[1])));
	}

	private static String classPathWithoutLog() {
		String all = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
		return Arrays.stream(all.split(File.pathSeparator))
			.filter((entry) -> !Path.of(entry).getFileName().toString().startsWith("logback"))
			.collect(Collectors.joining(File.pathSeparator));
	}

	@Test
	void aStartAllocatesLittleThatDoesNotStay() {
		assertThat(measured.get("start")).isLessThan(400);
	}

	@Test
	void aStopAllocatesLittle() {
		assertThat(measured.get("stop")).isLessThan(1250);
	}

	@Test
	void aRestartAllocatesLittleBesideTheTraceOfTheCrash() {
		assertThat(measured.get("restart")).isLessThan(1620);
	}

	@Test
	void g15OfAHundredThousandRestartsNoObjectStays() {
		assertThat(measured.get("objects")).isLessThan(FEW);
	}

	public static void main(String[] args) throws Exception {
		// A broker that still serves would keep this JVM up.
		Thread.currentThread().setUncaughtExceptionHandler((thread, failed) -> {
			failed.printStackTrace();
			System.exit(1);
		});
		print("start", () -> startAndStop()[0]);
		print("stop", () -> startAndStop()[1]);
		print("restart", AllocationTests::restart);
		print("objects", AllocationTests::objectsAfterRestarts);
		System.exit(0);
	}

	/**
	 * The least of the later rounds: code that is not compiled yet allocates more. Of
	 * objects the most: each round collects until they are few.
	 */
	private static void print(String what, Callable<Double> counting) throws Exception {
		double[] counted = new double[ROUNDS];
		for (int i = 0; i < ROUNDS; i++) {
			counted[i] = counting.call();
		}
		System.out.println("AllocationTests: " + what + ": " + Arrays.toString(counted));
		DoubleStream later = Arrays.stream(counted).skip(ROUNDS / 2);
		double shown = (what.equals("objects") ? later.max() : later.min()).orElseThrow();
		System.out.println(SHOWN + what + " " + shown);
	}

	/** What a start allocates and does not keep, and what a stop allocates. */
	private static double[] startAndStop() throws Exception {
		CountDownLatch serving = new CountDownLatch(ENDPOINTS);
		Broker broker = broker();
		for (int i = 0; i < ENDPOINTS; i++) {
			broker.registerEndpointFactory("e" + i, () -> new Parked(serving));
		}
		long registered = live();
		new Insides(broker).muteChangesInLog();
		long before = allocated();
		broker.listenAndServe();
		Waiting.on(serving);
		long started = allocated();
		double start = (started - before - (live() - registered)) / (double) ENDPOINTS;
		before = allocated();
		broker.close();
		return new double[] { start, (allocated() - before) / (double) ENDPOINTS };
	}

	private static double restart() throws Exception {
		Broker broker = broker();
		long before = allocated();
		restartOften(broker);
		double bytes = (allocated() - before) / (double) RESTARTS;
		broker.close();
		return bytes;
	}

	/** One endpoint that crashes as soon as it serves, and returns at last. */
	private static void restartOften(Broker broker) {
		AtomicInteger left = new AtomicInteger(RESTARTS);
		CountDownLatch done = new CountDownLatch(1);
		broker.registerEndpointFactory("crashing", () -> new Crashing(left, done), TestOptions.restartAtOnce());
		broker.listenAndServe();
		Waiting.on(done);
	}

	/**
	 * How many objects an ended broker keeps of the restarts before the last collection.
	 */
	private static double objectsAfterRestarts() throws Exception {
		double before = liveObjects();
		Broker broker = broker();
		restartOften(broker);
		liveObjects();
		broker.close();
		double kept = liveObjects() - before;
		for (int i = 0; i < COUNTS && kept >= FEW; i++) {
			// The thread for signals may still be about to forget the instances.
			kept = liveObjects() - before;
		}
		assertThat(broker.state()).isEqualTo(BrokerState.TERMINATED);
		return kept;
	}

	/** The histogram collects the heap first. */
	private static double liveObjects() throws Exception {
		String histogram = (String) ManagementFactory.getPlatformMBeanServer()
			.invoke(new ObjectName("com.sun.management:type=DiagnosticCommand"), "gcClassHistogram",
					new Object[] { new String[0] }, new String[] { String[].class.getName() });
		return histogram.lines()
			.map((line) -> line.strip().split("\\s+"))
			.filter((words) -> words.length > 3 && words[3].startsWith("dev.cider.broker."))
			.mapToLong((words) -> Long.parseLong(words[1]))
			.sum();
	}

	/** Does not end by itself, when its only endpoint has finished. */
	private static Broker broker() throws Exception {
		Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
		Class<?> type = Class.forName("java.lang.Thread$Builder");
		return Broker.builder()
			.keepServing(true)
			.threadFactory((ThreadFactory) type.getMethod("factory").invoke(builder))
			.build();
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
