package dev.cider.broker;

import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One endpoint that crashes, beside both floors.
 */
@State(Scope.Benchmark)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class RestartBenchmark {

	private static final int MANY = 1_000;

	/** The broker, or a floor. */
	@Param({ "OURS", "FRESH", "LOOP" })
	public Side side = Side.OURS;

	private Crowd crowd;

	/** Starts it. */
	@Setup
	public void serve() {
		this.crowd = this.side.crowd(new String[] { "one" }, ThreadKind.VIRTUAL);
		this.crowd.register();
		this.crowd.startAndAwait();
	}

	/** Stops it. */
	@TearDown
	public void stop() {
		this.crowd.awaitIdle();
		this.crowd.stop();
	}

	/** From an order to crash until the driver has heard that the replacement serves. */
	@Benchmark
	@BenchmarkMode(Mode.SampleTime)
	public void latency() {
		this.crowd.storm();
	}

	/** A restart among many, with a new exception and its stack trace each. */
	@Benchmark
	@BenchmarkMode(Mode.AverageTime)
	@OperationsPerInvocation(MANY)
	public void throughput() {
		this.crowd.beginToBurn(MANY, true);
		this.crowd.arrivals.await();
	}

}
