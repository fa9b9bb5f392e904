package dev.cider.broker;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the reasons for which a broker goes on: each endpoint that has not ended, each
 * wish of an operator that is not yet carried out. When the last one leaves, the broker
 * ends by itself, and nobody can enter any more: so "the last endpoint ended" and "an
 * operator starts it again" can never both win.
 */
final class ServingReferences {

	private final AtomicLong count;

	private final Runnable lastOneLeft;

	ServingReferences(long count, Runnable lastOneLeft) {
		this.count = new AtomicLong(count);
		this.lastOneLeft = lastOneLeft;
	}

	/**
	 * One more reason to go on.
	 * @return {@code false} if the last one has left already
	 */
	boolean enter() {
		return this.count.getAndUpdate((count) -> (count > 0) ? count + 1 : count) > 0;
	}

	void leave() {
		if (this.count.decrementAndGet() == 0) {
			this.lastOneLeft.run();
		}
	}

}
