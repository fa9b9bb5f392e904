package dev.cider.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

import org.jspecify.annotations.Nullable;

/**
 * Lets exactly one of several real threads run at a time. A thread keeps the turn until
 * it pauses or ends; chance, from a seed, decides which thread is next. So the same seed
 * plays the same interleaving again.
 * <p>
 * All fields belong to the thread that has the turn; the semaphore through which it hands
 * the turn on makes them visible to the next thread.
 */
final class PlayedTurns {

	private static final BooleanSupplier AT_ONCE = () -> true;

	private final RandomGenerator random;

	private final List<Player> waiting = new ArrayList<>();

	private final CountDownLatch over = new CountDownLatch(1);

	private final List<String> story = new ArrayList<>();

	private @Nullable Throwable broken;

	private long count;

	PlayedTurns(RandomGenerator random) {
		this.random = random;
	}

	/**
	 * A thread that plays along once it is started.
	 */
	Thread player(String name, Runnable task) {
		return new Player(name, task);
	}

	/**
	 * Gives somebody else a turn, perhaps.
	 */
	void pause() {
		pauseUntil(AT_ONCE);
	}

	/**
	 * Gives others a turn until a condition holds.
	 */
	void pauseUntil(BooleanSupplier condition) {
		if (Thread.currentThread() instanceof Player player) {
			player.condition = condition;
			this.waiting.add(player);
			next();
			player.awaitTurn();
			player.first = false;
		}
	}

	/**
	 * Gives others a turn until a condition holds, and then goes on before any of them.
	 */
	void pauseJustUntil(BooleanSupplier condition) {
		if (Thread.currentThread() instanceof Player player) {
			player.first = true;
			pauseUntil(condition);
		}
	}

	/**
	 * Leaves a line for the reader of a failure.
	 */
	void tell(String line) {
		this.story.add(Thread.currentThread().getName() + ": " + line);
	}

	/** The first failure counts. */
	void fail(Throwable thrown) {
		if (this.broken == null) {
			this.broken = thrown;
		}
	}

	/**
	 * Plays until all players have ended, or none can go on. Called by who is no player.
	 * @return how many turns that took
	 */
	long play() throws Throwable {
		next();
		Waiting.on(this.over);
		if (this.broken != null) {
			throw this.broken;
		}
		return this.count;
	}

	List<String> story() {
		return this.story;
	}

	private void next() {
		List<Player> able = this.waiting.stream().filter((player) -> player.condition.getAsBoolean()).toList();
		if (able.isEmpty()) {
			if (!this.waiting.isEmpty()) {
				fail(new AssertionError("nobody can go on: " + this.waiting));
			}
			this.over.countDown();
			return;
		}
		this.count++;
		Player chosen = able.stream()
			.filter((player) -> player.first)
			.findFirst()
			.orElseGet(() -> able.get(this.random.nextInt(able.size())));
		this.waiting.remove(chosen);
		chosen.turn.release();
	}

	private final class Player extends Thread {

		private final Runnable task;

		private final Semaphore turn = new Semaphore(0);

		private BooleanSupplier condition = AT_ONCE;

		private boolean first;

		Player(String name, Runnable task) {
			super(null, null, name, 0, false);
			this.task = task;
			setDaemon(true);
		}

		@Override
		public void start() {
			PlayedTurns.this.waiting.add(this);
			super.start();
		}

		@Override
		public void run() {
			awaitTurn();
			try {
				this.task.run();
			}
			catch (Throwable thrown) {
				fail(thrown);
			}
			finally {
				next();
			}
		}

		/** An interrupt is kept: it is the supervisor's, not ours. */
		void awaitTurn() {
			this.turn.acquireUninterruptibly();
		}

	}

}
