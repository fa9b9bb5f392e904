package dev.cider.broker;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

import dev.cider.broker.restart.RestartDecision;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A crash report on its way to a monitor: a thousand are put, until the last was read.
 * The floor: the same through a queue of the JDK.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HandOverBenchmark {

	private static final int MANY = 1_000;

	private final EndpointCrashReport report = new EndpointCrashReport("tcp", false, new IllegalStateException("crash"),
			1, CrashPhase.SERVE, Instant.EPOCH, Duration.ZERO, 1,
			new RestartDecision.Restart(Duration.ZERO, 1, "restart"));

	private final Mailbox mailbox = new Mailbox(new LossIsAFailure());

	private final BlockingQueue<Runnable> queue = new ArrayBlockingQueue<>(NotificationQueue.BOUND);

	private final Arrivals read = new Arrivals();

	private Thread reader;

	private Thread taker;

	/** Starts the readers. */
	@Setup
	public void start() {
		this.reader = new Thread(this.mailbox, "reader");
		this.taker = new Thread(this::take, "taker");
		this.reader.start();
		this.taker.start();
	}

	/**
	 * Ends them.
	 * @throws InterruptedException never
	 */
	@TearDown
	public void end() throws InterruptedException {
		this.mailbox.put(Notification.last(() -> {
		}));
		this.reader.join();
		this.taker.interrupt();
		this.taker.join();
	}

	private void take() {
		try {
			while (true) {
				this.queue.take().run();
			}
		}
		catch (InterruptedException over) {
			// That is how it ends.
		}
	}

	/** Ours. */
	@Benchmark
	@OperationsPerInvocation(MANY)
	public void ours() {
		this.read.expect(MANY);
		for (int i = 0; i < MANY; i++) {
			this.mailbox.put(Notification.crash(this.report, this.read::arrive));
		}
		this.read.await();
	}

	/** The floor. */
	@Benchmark
	@OperationsPerInvocation(MANY)
	public void floor() {
		this.read.expect(MANY);
		for (int i = 0; i < MANY; i++) {
			this.queue.add(this.read::arrive);
		}
		this.read.await();
	}

	/** The figures of a mailbox that loses something would mean nothing. */
	private static final class LossIsAFailure implements Mailbox.Owner {

		@Override
		public void beginsToLose() {
			throw new IllegalStateException("the mailbox loses notifications");
		}

		@Override
		public void hasLost(long notifications) {
			beginsToLose();
		}

		@Override
		public void threw(Throwable thrown) {
			throw new IllegalStateException(thrown);
		}

	}

}
