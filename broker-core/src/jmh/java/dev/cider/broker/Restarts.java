package dev.cider.broker;

import java.time.Duration;

/**
 * The figures of one endpoint that crashes.
 */
final class Restarts {

	private static final int TIMES = 1_000_000;

	private static final Duration AT_MOST = Duration.ofSeconds(5);

	private static final int CRASHES = 4_000;

	private static final long PAUSE_NANOS = 500_000;

	private static final String[] ONE = { "one" };

	private final int rounds;

	private final ThreadKind kind;

	Restarts(int rounds, ThreadKind kind) {
		this.rounds = rounds;
		this.kind = kind;
	}

	void measure() {
		measureThroughput();
		Rounds.Result nobody = (name, value) -> {
		};
		new Rounds(1).run(1, (side, result) -> latency(side, nobody));
		Rounds latencies = new Rounds(1).run(this.rounds, this::latency);
		latencies.figure("restart-p50", "p50", Side.FRESH, "us")
			.number("oursP99", latencies.median("p99", Side.OURS))
			.number("floorP99", latencies.median("p99", Side.FRESH))
			.number("otherFloorP99", latencies.median("p99", Side.LOOP))
			.print();
	}

	void measureThroughput() {
		Rounds.Result nobody = (name, value) -> {
		};
		new Rounds(1).run(2, (side, result) -> throughput(side, nobody));
		Rounds rounds = new Rounds(1).run(this.rounds, this::throughput);
		rounds.figure("restart-throughput", Side.FRESH, "1/s").print();
		rounds.figure("restart-bytes", Side.FRESH, "B/restart").print();
		rounds.figure("restart-collector", Side.FRESH, "ns/restart").print();
	}

	/** A million restarts, or what is done in a while. */
	private void throughput(Side side, Rounds.Result result) {
		Crowd crowd = begin(side);
		long before = crowd.arrivals.soFar();
		double bytes = Allocation.bytes();
		double collector = Allocation.collectorMillis();
		long begin = System.nanoTime();
		crowd.beginToBurn(TIMES, true);
		crowd.arrivals.await(AT_MOST);
		long nanos = System.nanoTime() - begin;
		long times = crowd.arrivals.soFar() - before;
		result.is("restart-throughput", times * 1e9 / nanos);
		result.is("restart-bytes", (Allocation.bytes() - bytes) / times);
		result.is("restart-collector", (Allocation.collectorMillis() - collector) * 1e6 / times);
		end(crowd);
	}

	private void latency(Side side, Rounds.Result result) {
		Crowd crowd = begin(side);
		long[] nanos = crowd.latencies.of(crowd, CRASHES, PAUSE_NANOS);
		result.is("p50", nanos[nanos.length / 2] / 1e3);
		result.is("p99", nanos[(int) (nanos.length * 0.99)] / 1e3);
		end(crowd);
	}

	private Crowd begin(Side side) {
		Memory.collect();
		Crowd crowd = side.crowd(ONE, this.kind);
		crowd.register();
		crowd.startAndAwait();
		return crowd;
	}

	private static void end(Crowd crowd) {
		crowd.endBurning();
		crowd.awaitIdle();
		crowd.stop();
	}

}
