package dev.cider.broker;

import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * Many endpoints that idle, and somebody who supervises them: the broker, or next to
 * nobody.
 */
abstract class Crowd {

	/** The ids are the user's: they are made before anything is measured. */
	final String[] ids;

	/** The latest instance of each, for the driver. */
	final Idler[] idlers;

	final Arrivals arrivals = new Arrivals();

	final Latencies latencies = new Latencies();

	/** Until so many have arrived, each crashes at once. */
	private volatile long burnUntil;

	/** Whether each crash is an exception with a stack trace of its own. */
	private volatile boolean traces;

	Crowd(String[] ids) {
		this.ids = ids;
		this.idlers = new Idler[ids.length];
	}

	/** What comes before the start and is not part of it. */
	abstract void register();

	/** Starts all and returns at once. */
	abstract void start();

	/** Stops all and returns when nothing runs any more. */
	abstract void stop();

	/** What can be seen of one endpoint. */
	abstract Object look(int i);

	/** What can be seen of all. */
	abstract Object list();

	int size() {
		return this.ids.length;
	}

	final Idler create(int i) {
		Idler made = new Idler(this);
		this.idlers[i] = made;
		return made;
	}

	/** Called first thing by an instance that serves; whether it is to crash at once. */
	final boolean arrived() {
		this.latencies.serves();
		return this.arrivals.arrive() < this.burnUntil;
	}

	final Exception crash() {
		Exception crash = this.traces ? new IllegalStateException("crash") : new Crash();
		this.latencies.throwsNow();
		return crash;
	}

	/** Starts all, and waits until the last one serves. */
	final void startAndAwait() {
		this.arrivals.expect(size());
		start();
		this.arrivals.await();
	}

	/** Crashes all, and waits until the last replacement serves. */
	final void storm() {
		this.arrivals.expect(size());
		for (Idler idler : this.idlers) {
			idler.crash();
		}
		this.arrivals.await();
	}

	/** Crashes all; their replacements crash at once, so many times in all. */
	final void beginToBurn(long times, boolean traces) {
		this.traces = traces;
		this.arrivals.expect(times);
		this.burnUntil = this.arrivals.soFar() + times;
		for (Idler idler : this.idlers) {
			idler.crash();
		}
	}

	final void endBurning() {
		this.burnUntil = 0;
	}

	/** Waits until all idle; nobody must be about to crash. */
	final void awaitIdle() {
		for (int i = 0; i < size(); i++) {
			while (!this.idlers[i].isIdle()) {
				LockSupport.parkNanos(1_000_000);
			}
		}
	}

	/** A crash that costs next to nothing by itself. */
	private static final class Crash extends Exception {

		private static final long serialVersionUID = 1;

		Crash() {
			super("crash", null, false, false);
		}

	}

	/**
	 * How long it takes from a throw until the replacement serves; of one endpoint, and
	 * only while somebody asks.
	 */
	static final class Latencies {

		private long[] nanos = new long[0];

		private int count;

		private volatile boolean asked;

		private volatile long thrownAt;

		private void serves() {
			if (this.asked && this.thrownAt != 0) {
				this.nanos[this.count++] = System.nanoTime() - this.thrownAt;
				this.thrownAt = 0;
			}
		}

		private void throwsNow() {
			if (this.asked) {
				this.thrownAt = System.nanoTime();
			}
		}

		/** So many crashes with a pause before each; sorted. */
		long[] of(Crowd crowd, int crashes, long pauseNanos) {
			this.nanos = new long[crashes];
			this.count = 0;
			this.asked = true;
			for (int i = 0; i < crashes; i++) {
				LockSupport.parkNanos(pauseNanos);
				crowd.storm();
			}
			this.asked = false;
			if (this.count != crashes) {
				throw new Snag(this.count + " latencies of " + crashes);
			}
			Arrays.sort(this.nanos);
			return this.nanos;
		}

	}

}
