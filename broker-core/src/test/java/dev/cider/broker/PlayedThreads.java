package dev.cider.broker;

import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;

/**
 * The threads of a broker, all of which play by {@link PlayedTurns}, except those that
 * only tell monitors or keep the JVM up: no supervisor waits for them.
 */
final class PlayedThreads extends Threads {

	private final PlayedTurns turns;

	private final RandomGenerator random;

	PlayedThreads(PlayedTurns turns, RandomGenerator random) {
		super(null);
		this.turns = turns;
		this.random = random;
	}

	@Override
	Thread own(String name, Runnable task) {
		if (name.endsWith("-close")) {
			runShort();
		}
		boolean free = name.startsWith("broker-monitor-") || name.equals("broker-keep-alive");
		return free ? super.own(name, task) : this.turns.player(name, task);
	}

	@Override
	void runOnHelper(Runnable task) {
		runShort();
		this.turns.player("hand", () -> {
			try {
				task.run();
			}
			catch (Throwable ignored) {
				// As the helper threads of a real broker do.
			}
		}).start();
	}

	@Override
	void park(Waiter waiter) {
		if (waiter instanceof Incarnation) {
			// What was told to serve serves: what happens then happens to what serves.
			this.turns.pauseJustUntil(waiter::mayGoOn);
		}
		else {
			this.turns.pauseUntil(waiter::mayGoOn);
		}
	}

	@Override
	void await(CountDownLatch latch, long deadline) {
		this.turns.pauseUntil(() -> latch.getCount() == 0);
	}

	/** Now and then there is no thread for a close or a helper thread. */
	private void runShort() {
		if (this.random.nextInt(10) == 0) {
			throw new OutOfMemoryError("no thread, as the test wants it");
		}
	}

}
