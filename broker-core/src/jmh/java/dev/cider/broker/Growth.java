package dev.cider.broker;

/**
 * The figures that belong to a number of endpoints.
 */
final class Growth {

	private static final double MILLIS = 1e6;

	private final String[] ids;

	private final int rounds;

	private final ThreadKind kind;

	Growth(int n, int rounds, ThreadKind kind) {
		this.ids = Side.ids(n);
		this.rounds = rounds;
		this.kind = kind;
	}

	void measure() {
		warmUp();
		Rounds lives = new Rounds(this.ids.length).run(this.rounds, (side, result) -> live(this.ids, side, result));
		boolean platform = this.kind == ThreadKind.PLATFORM;
		lives.figure("registration", Side.LOOP, "B/endpoint")
			.number("oursMs", lives.median("registrationMs", Side.OURS))
			.print();
		lives.figure("memory", Side.LOOP, "B/endpoint").print();
		Figure start = lives.figure("start", Side.LOOP, "ms");
		if (platform) {
			start.number("threadsPerEndpoint", lives.median("threads", Side.OURS));
		}
		start.print();
		lives.figure("start-collector", Side.LOOP, "ms").print();
		lives.figure("start-garbage", Side.LOOP, "B/endpoint").print();
		lives.figure("stop", Side.LOOP, "ms").print();
		lives.figure("stop-bytes", Side.LOOP, "B/endpoint").print();
		printStorm();
	}

	void measureStorm() {
		warmUp();
		printStorm();
	}

	private void printStorm() {
		Rounds storms = new Rounds(this.ids.length).run(this.rounds, (side, result) -> storm(this.ids, side, result));
		storms.figure("storm", Side.FRESH, "ms").print();
		storms.figure("storm-collector", Side.FRESH, "ms").print();
	}

	/** Until the code is compiled; a million are not needed for that. */
	private void warmUp() {
		String[] few = Side.ids(Math.min(this.ids.length, (this.kind == ThreadKind.PLATFORM) ? 1_000 : 10_000));
		Rounds.Result nobody = (name, value) -> {
		};
		new Rounds(few.length).run((this.kind == ThreadKind.PLATFORM) ? 1 : 5, (side, result) -> {
			live(few, side, nobody);
			storm(few, side, nobody);
		});
	}

	private void live(String[] ids, Side side, Rounds.Result result) {
		double n = ids.length;
		// Twice: what the one before has left goes only when its threads have gone.
		Memory.collect();
		long empty = Memory.live();
		long threadsBefore = threads();
		long begin = System.nanoTime();
		Crowd crowd = side.crowd(ids, this.kind);
		crowd.register();
		result.is("registrationMs", (System.nanoTime() - begin) / MILLIS);
		long registered = Memory.live();
		result.is("registration", (registered - empty) / n);
		double bytes = Allocation.bytes();
		double collector = Allocation.collectorMillis();
		begin = System.nanoTime();
		crowd.startAndAwait();
		result.is("start", (System.nanoTime() - begin) / MILLIS);
		result.is("start-collector", Allocation.collectorMillis() - collector);
		double allocated = Allocation.bytes() - bytes;
		long live = Memory.live();
		result.is("memory", (live - empty) / n);
		result.is("start-garbage", (allocated - (live - registered)) / n);
		result.is("threads", (threads() - threadsBefore) / n);
		crowd.awaitIdle();
		bytes = Allocation.bytes();
		begin = System.nanoTime();
		crowd.stop();
		result.is("stop", (System.nanoTime() - begin) / MILLIS);
		result.is("stop-bytes", (Allocation.bytes() - bytes) / n);
	}

	/** Platform threads only. */
	private static long threads() {
		return Thread.activeCount();
	}

	/** The first storm over fresh endpoints warms up, if there are not too many. */
	private void storm(String[] ids, Side side, Rounds.Result result) {
		Memory.collect();
		Crowd crowd = side.crowd(ids, this.kind);
		crowd.register();
		crowd.startAndAwait();
		for (int i = 0; i < ((ids.length > 100_000) ? 0 : 2); i++) {
			crowd.storm();
		}
		Memory.collect();
		double collector = Allocation.collectorMillis();
		long begin = System.nanoTime();
		crowd.storm();
		result.is("storm", (System.nanoTime() - begin) / MILLIS);
		result.is("storm-collector", Allocation.collectorMillis() - collector);
		crowd.awaitIdle();
		crowd.stop();
	}

}
