package dev.cider.broker;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The figures of those who look at endpoints.
 */
final class Views {

	private static final int LOOKS = 1_000;

	private static final int BATCHES = 500;

	/** Keeps what was read from being optimised away. */
	private static volatile Object sink;

	private final String[] ids;

	private final int rounds;

	private final ThreadKind kind;

	Views(int n, int rounds, ThreadKind kind) {
		this.ids = Side.ids(n);
		this.rounds = rounds;
		this.kind = kind;
	}

	void measure() {
		Rounds.Result nobody = (name, value) -> {
		};
		new Rounds(this.ids.length).run(2, (side, result) -> look(side, nobody));
		Rounds looks = new Rounds(this.ids.length).run(this.rounds, this::look);
		for (String meanwhile : List.of("idle", "crashing")) {
			looks.figure("snapshot", "snapshot-" + meanwhile, Side.FRESH, "ns")
				.text("while", meanwhile)
				.number("oursScattered", looks.median("scattered-" + meanwhile, Side.OURS))
				.number("floorScattered", looks.median("scattered-" + meanwhile, Side.FRESH))
				.print();
			looks.figure("listing", "listing-" + meanwhile, Side.FRESH, "ms").text("while", meanwhile).print();
		}
	}

	private void look(Side side, Rounds.Result result) {
		Memory.collect();
		Crowd crowd = side.crowd(this.ids, this.kind);
		if (crowd instanceof FloorCrowd floor) {
			floor.showAll();
		}
		crowd.register();
		crowd.startAndAwait();
		look(crowd, "idle", result);
		crowd.beginToBurn(Long.MAX_VALUE / 4, false);
		look(crowd, "crashing", result);
		crowd.endBurning();
		crowd.awaitIdle();
		crowd.stop();
	}

	private void look(Crowd crowd, String meanwhile, Rounds.Result result) {
		result.is("snapshot-" + meanwhile, median((batch) -> {
			for (int i = 0; i < LOOKS; i++) {
				sink = crowd.look(batch);
			}
			return null;
		}) / LOOKS);
		result.is("scattered-" + meanwhile, median((batch) -> {
			for (int i = 0; i < LOOKS; i++) {
				// Far apart, as if nobody had just looked at the one before.
				sink = crowd.look((batch * LOOKS + i * 7919) % this.ids.length);
			}
			return null;
		}) / LOOKS);
		result.is("listing-" + meanwhile, median((batch) -> crowd.list()) / 1e6);
	}

	private static double median(IntFunction<Object> read) {
		long[] nanos = new long[BATCHES];
		for (int i = 0; i < nanos.length; i++) {
			long begin = System.nanoTime();
			sink = read.apply(i);
			nanos[i] = System.nanoTime() - begin;
		}
		Arrays.sort(nanos);
		return nanos[nanos.length / 2];
	}

}
