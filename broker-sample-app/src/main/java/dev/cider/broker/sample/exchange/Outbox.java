package dev.cider.broker.sample.exchange;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a link is yet to do, in order. Things are put in under the exchange's lock and
 * taken out without it, by one thread at a time: whoever finds the outbox busy leaves,
 * and the busy one does the work.
 */
final class Outbox {

	private static final Logger logger = LoggerFactory.getLogger(Outbox.class);

	private final Link link;

	private final Queue<Consumer<Link>> waiting = new ConcurrentLinkedQueue<>();

	/** How many asked to drain since the outbox was last idle; 0 when it is idle. */
	private final AtomicInteger asked = new AtomicInteger();

	Outbox(Link link) {
		this.link = link;
	}

	void put(Consumer<Link> deed) {
		this.waiting.add(deed);
	}

	void drain() {
		if (this.asked.getAndIncrement() != 0) {
			return;
		}
		int answered = 1;
		do {
			for (Consumer<Link> deed = this.waiting.poll(); deed != null; deed = this.waiting.poll()) {
				carryOut(deed);
			}
			// Whoever asked since the last poll may have put something in after it
			answered = this.asked.addAndGet(-answered);
		}
		while (answered != 0);
	}

	private void carryOut(Consumer<Link> deed) {
		try {
			deed.accept(this.link);
		}
		catch (RuntimeException ex) {
			// It is this client's own fault: the thread here may serve another one
			logger.warn("Link {} failed", this.link, ex);
		}
	}

}
