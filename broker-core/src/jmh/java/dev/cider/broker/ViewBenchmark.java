package dev.cider.broker;

import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The snapshot of one endpoint, and the list of 10,000, while all idle or all crash and
 * restart without a pause. The floor: a volatile read of a record, and a copy of 10,000.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ViewBenchmark {

	private static final int ONE = 4711;

	/** The broker, or a floor. */
	@Param({ "OURS", "FRESH" })
	public Side side = Side.OURS;

	/** Whether all crash and restart meanwhile. */
	@Param({ "false", "true" })
	public boolean crashing;

	private Crowd crowd;

	/** Starts all. */
	@Setup
	public void serve() {
		this.crowd = this.side.crowd(Side.ids(10_000), ThreadKind.VIRTUAL);
		if (this.crowd instanceof FloorCrowd floor) {
			floor.showAll();
		}
		this.crowd.register();
		this.crowd.startAndAwait();
		if (this.crashing) {
			this.crowd.beginToBurn(Long.MAX_VALUE / 4, false);
		}
	}

	/** Stops all. */
	@TearDown
	public void stop() {
		this.crowd.endBurning();
		this.crowd.awaitIdle();
		this.crowd.stop();
	}

	/**
	 * One.
	 * @return its snapshot
	 */
	@Benchmark
	public Object snapshot() {
		return this.crowd.look(ONE);
	}

	/**
	 * All.
	 * @return their snapshots
	 */
	@Benchmark
	public Object listing() {
		return this.crowd.list();
	}

}
