package dev.cider.broker;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the references that keep a broker serving: one per endpoint that has not ended,
 * one per request of an operator that is not yet carried out. When the last one is
 * released, the broker ends by itself, and no thread can add another. So when the last
 * endpoint ends while an operator starts it again, exactly one of the two wins.
 */
final class ServingReferences {

	private final AtomicLong count;

	private final Runnable lastReleased;

	ServingReferences(long count, Runnable lastReleased) {
		this.count = new AtomicLong(count);
		this.lastReleased = lastReleased;
	}

	/**
	 * Adds a reference.
	 * @return {@code false} if the last one has been released already
	 */
	boolean retain() {
		return this.count.getAndUpdate((count) -> (count > 0) ? count + 1 : count) > 0;
	}

	void release() {
		if (this.count.decrementAndGet() == 0) {
			this.lastReleased.run();
		}
	}

}
