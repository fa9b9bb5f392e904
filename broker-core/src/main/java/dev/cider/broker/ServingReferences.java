package dev.cider.broker;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the reasons for which a broker goes on: each endpoint that has not ended, each
 * request of an operator that is not yet carried out. When the last one is released, the
 * broker ends by itself, and nobody can add one any more: so "the last endpoint ended"
 * and "an operator starts it again" can never both win.
 */
final class ServingReferences {

	private final AtomicLong count;

	private final Runnable lastReleased;

	ServingReferences(long count, Runnable lastReleased) {
		this.count = new AtomicLong(count);
		this.lastReleased = lastReleased;
	}

	/**
	 * One more reason to go on.
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
