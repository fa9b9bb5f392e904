package dev.cider.broker;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Whether anybody still says something to a broker of one life.
 */
final class ChaosSilence {

	private final AtomicInteger speaking = new AtomicInteger();

	private volatile boolean fallen;

	/** Says something, unless silence has fallen. */
	void unlessFallen(Runnable words) {
		this.speaking.incrementAndGet();
		try {
			if (!this.fallen) {
				words.run();
			}
		}
		finally {
			this.speaking.decrementAndGet();
		}
	}

	/** From now on nobody says anything, and what was said has been said. */
	void fall() {
		this.fallen = true;
		Poll.until("operators to fall silent", () -> this.speaking.get() == 0);
	}

}
