package dev.cider.broker;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

/**
 * A gate that a test opens and shuts, and that counts how often it is asked.
 */
class ToyGate implements EndpointGate {

	final AtomicInteger asked = new AtomicInteger();

	/** While there is one, whoever asks waits for it. */
	volatile @Nullable CountDownLatch hangs;

	private volatile @Nullable String shut;

	ToyGate(@Nullable String shut) {
		this.shut = shut;
	}

	void open() {
		this.shut = null;
	}

	void shut(String why) {
		this.shut = why;
	}

	@Override
	public @Nullable String shut() throws InterruptedException {
		this.asked.incrementAndGet();
		CountDownLatch until = this.hangs;
		if (until != null) {
			until.await();
		}
		return this.shut;
	}

}
