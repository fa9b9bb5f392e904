package dev.cider.broker.spring.metrics;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import org.jspecify.annotations.Nullable;

/**
 * What all endpoints add up to. A registry reads the meters one after another, so one
 * pass over the endpoints serves all of them that are read within
 * {@value #ONE_SCRAPE_NANOS} ns.
 */
final class EndpointTotals {

	/**
	 * Long enough for a registry that reads a dozen values, too short for a reader to
	 * notice: within it a value may be older than a change that the reader has seen.
	 */
	static final long ONE_SCRAPE_NANOS = 2_000_000;

	private final LongSupplier nanoTime;

	private final AtomicReference<@Nullable Pass> latest = new AtomicReference<>();

	/**
	 * What the removed endpoints had counted: a total must not fall when an endpoint
	 * goes. Replaced under this object's lock.
	 */
	private volatile Pass removed = new Pass();

	EndpointTotals(LongSupplier nanoTime) {
		this.nanoTime = nanoTime;
	}

	/**
	 * An endpoint was added. If it goes on with the numbers of a removed one, those are
	 * its own again.
	 */
	void added(EndpointSnapshot endpoint) {
		count(endpoint, -1);
	}

	/**
	 * An endpoint was removed.
	 */
	void removed(EndpointSnapshot endpoint) {
		count(endpoint, 1);
	}

	private synchronized void count(EndpointSnapshot endpoint, int sign) {
		Pass sum = new Pass();
		sum.addCounters(this.removed, 1);
		Pass one = new Pass();
		one.add(endpoint);
		sum.addCounters(one, sign);
		this.removed = sum;
	}

	/**
	 * A value of a pass that is fresh enough. Two threads that read at once may make a
	 * pass each. A thread publishes its pass only if no other was published since it
	 * began; otherwise it looks at that one. So every published pass began after the one
	 * before it was published, and no counter runs backwards.
	 * @param operations the broker to read: always the same
	 */
	double of(BrokerOperations operations, ToLongFunction<Pass> value) {
		Pass seen = this.latest.get();
		while (seen == null || this.nanoTime.getAsLong() - seen.ended > ONE_SCRAPE_NANOS) {
			Pass made = pass(operations);
			if (seen != null) {
				made.fallNoLowerThan(seen);
			}
			seen = this.latest.compareAndSet(seen, made) ? made : this.latest.get();
		}
		return value.applyAsLong(seen);
	}

	/** Its age counts from its end: with many endpoints a pass itself takes long. */
	private Pass pass(BrokerOperations operations) {
		Pass made = new Pass();
		// First: an endpoint that is counted here was removed before, so it is not
		// listed.
		made.addCounters(this.removed, 1);
		operations.endpoints().forEach(made::add);
		made.ended = this.nanoTime.getAsLong();
		return made;
	}

	/**
	 * The sums of one pass.
	 */
	static final class Pass {

		/** Written before the pass is published. */
		private long ended;

		private final long[] inState = new long[EndpointState.values().length];

		private long starts;

		private long restarts;

		private long crashes;

		private long drops;

		private long abandoned;

		private Pass() {
		}

		private void add(EndpointSnapshot endpoint) {
			this.inState[endpoint.state().ordinal()]++;
			this.starts += endpoint.starts();
			this.restarts += endpoint.restarts();
			this.crashes += endpoint.crashes();
			this.drops += endpoint.drops();
			this.abandoned += endpoint.abandoned();
		}

		private void addCounters(Pass other, int sign) {
			this.starts += sign * other.starts;
			this.restarts += sign * other.restarts;
			this.crashes += sign * other.crashes;
			this.drops += sign * other.drops;
		}

		/**
		 * For an instant a removed endpoint is neither listed nor told to this class. A
		 * counter that falls would look like a restart of the application.
		 */
		private void fallNoLowerThan(Pass before) {
			this.starts = Math.max(this.starts, before.starts);
			this.restarts = Math.max(this.restarts, before.restarts);
			this.crashes = Math.max(this.crashes, before.crashes);
			this.drops = Math.max(this.drops, before.drops);
		}

		long inState(EndpointState state) {
			return this.inState[state.ordinal()];
		}

		long starts() {
			return this.starts;
		}

		long restarts() {
			return this.restarts;
		}

		long crashes() {
			return this.crashes;
		}

		long drops() {
			return this.drops;
		}

		long abandoned() {
			return this.abandoned;
		}

	}

}
