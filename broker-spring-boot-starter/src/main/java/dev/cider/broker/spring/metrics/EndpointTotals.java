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

	private final BrokerOperations operations;

	private final LongSupplier nanoTime;

	/**
	 * Two threads that read at once may make a pass each. The later one stays, so that no
	 * counter runs backwards.
	 */
	private final AtomicReference<@Nullable Pass> latest = new AtomicReference<>();

	EndpointTotals(BrokerOperations operations, LongSupplier nanoTime) {
		this.operations = operations;
		this.nanoTime = nanoTime;
	}

	double of(ToLongFunction<Pass> value) {
		long now = this.nanoTime.getAsLong();
		Pass pass = this.latest.get();
		if (pass == null || now - pass.nanos > ONE_SCRAPE_NANOS) {
			pass = later(pass(now));
		}
		return value.applyAsLong(pass);
	}

	private Pass pass(long now) {
		Pass made = new Pass(now);
		this.operations.endpoints().forEach(made::add);
		return made;
	}

	private Pass later(Pass made) {
		while (true) {
			Pass other = this.latest.get();
			if (other != null && other.nanos - made.nanos > 0) {
				return other;
			}
			if (this.latest.compareAndSet(other, made)) {
				return made;
			}
		}
	}

	/**
	 * The sums of one pass.
	 */
	static final class Pass {

		private final long nanos;

		private final long[] inState = new long[EndpointState.values().length];

		private long starts;

		private long restarts;

		private long crashes;

		private long drops;

		private long abandoned;

		private Pass(long nanos) {
			this.nanos = nanos;
		}

		private void add(EndpointSnapshot endpoint) {
			this.inState[endpoint.state().ordinal()]++;
			this.starts += endpoint.starts();
			this.restarts += endpoint.restarts();
			this.crashes += endpoint.crashes();
			this.drops += endpoint.drops();
			this.abandoned += endpoint.abandoned();
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
