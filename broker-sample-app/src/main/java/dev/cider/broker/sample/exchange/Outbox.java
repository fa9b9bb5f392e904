package dev.cider.broker.sample.exchange;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queue of what a link must do, a drain loop. Threads add while they hold the
 * exchange's lock, and drain without it, one thread at a time: a thread that finds
 * another one draining returns, and that one does the work.
 */
final class Outbox {

	private static final Logger logger = LoggerFactory.getLogger(Outbox.class);

	private final Link link;

	private final Queue<Consumer<Link>> waiting = new ConcurrentLinkedQueue<>();

	/** How many calls of {@link #drain} since the outbox was last idle; 0 when it is. */
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
			// A thread that called since the last poll may have added something after it
			answered = this.asked.addAndGet(-answered);
		}
		while (answered != 0);
	}

	private void carryOut(Consumer<Link> deed) {
		try {
			deed.accept(this.link);
		}
		catch (RuntimeException ex) {
			// Only this link failed, and this thread may belong to another client
			logger.warn("Link {} failed", this.link, ex);
		}
	}

}
