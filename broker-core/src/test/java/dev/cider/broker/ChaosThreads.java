package dev.cider.broker;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

/**
 * A ThreadFactory that one cannot rely on.
 */
final class ChaosThreads implements ThreadFactory {

	private static final int WILD = 40;

	private final ThreadFactory threads;

	private final boolean subclasses;

	private final long seed;

	private final ChaosLife life;

	private final AtomicInteger calls = new AtomicInteger();

	ChaosThreads(ThreadFactory threads, boolean subclasses, long seed, ChaosLife life) {
		this.threads = threads;
		this.subclasses = subclasses;
		this.seed = seed;
		this.life = life;
	}

	@Override
	public @Nullable Thread newThread(Runnable task) {
		int call = this.calls.incrementAndGet();
		ChaosDice dice = new ChaosDice(this.seed, "thread", call);
		int what = (call <= WILD) ? dice.upTo(99) : 99;
		if (what < 3) {
			this.life.chaos().count("ThreadFactory threw");
			this.life.mischief().fail(dice);
		}
		if (what < 5) {
			this.life.chaos().count("ThreadFactory gave null");
			return null;
		}
		if (what < 8) {
			this.life.mischief().dawdle(dice);
		}
		else if (what < 10) {
			this.life.chaos().count("ThreadFactory hung");
			this.life.mischief().hangDeaf();
		}
		else if (what < 12) {
			this.life.root().operator().operate(dice);
		}
		return this.life.leftovers().watch(make(task, what, dice));
	}

	private Thread make(Runnable task, int what, ChaosDice dice) {
		if (what < 20 && what >= 12) {
			return this.threads.newThread(() -> {
				task.run();
				task.run();
			});
		}
		return (what < 35 && what >= 20 && this.subclasses) ? new Odd(task, dice) : this.threads.newThread(task);
	}

	/** A thread that takes offence when it is interrupted or looked at. */
	private final class Odd extends Thread {

		private final ChaosDice dice;

		Odd(Runnable task, ChaosDice dice) {
			super(task);
			this.dice = dice;
		}

		@Override
		public void interrupt() {
			ChaosThreads.this.life.chaos().count("odd thread interrupted");
			super.interrupt();
			throw new SecurityException("leave me alone");
		}

		@Override
		public StackTraceElement[] getStackTrace() {
			throw new SecurityException(this.dice + " none of your business");
		}

	}

}
