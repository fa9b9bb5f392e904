package dev.cider.broker;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import javax.management.ObjectName;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.slf4j.LoggerFactory;

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

	private final Logger logger = (Logger) LoggerFactory.getLogger(Broker.class);

	private final @Nullable Level level = this.logger.getLevel();

	/** Lines of the log are the backend's. */
	@BeforeEach
	void silenceTheLog() {
		this.logger.setLevel(Level.OFF);
	}

	@AfterEach
	void restoreTheLog() {
		this.logger.setLevel(this.level);
	}

	@Test
	void aStartAllocatesLittleThatDoesNotStay() throws Exception {
		assertThat(least("start", () -> startAndStop()[0])).isLessThan(480);
	}

	@Test
	void aStopAllocatesLittle() throws Exception {
		assertThat(least("stop", () -> startAndStop()[1])).isLessThan(1800);
	}

	@Test
	void aRestartAllocatesLittleBesideTheTraceOfTheCrash() throws Exception {
		assertThat(least("restart", AllocationTests::restart)).isLessThan(2100);
	}

	/** The least of several rounds: code that is not compiled yet allocates more. */
	private static double least(String what, Callable<Double> bytes) throws Exception {
		double[] counted = new double[ROUNDS];
		for (int i = 0; i < ROUNDS; i++) {
			counted[i] = bytes.call();
		}
		System.out.println("AllocationTests: bytes per " + what + ": " + Arrays.toString(counted));
		return Arrays.stream(counted).min().orElseThrow();
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
