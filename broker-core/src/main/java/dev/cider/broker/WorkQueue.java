package dev.cider.broker;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Brings what many threads submit into an order, without a thread of its own and without
 * making anybody wait: whoever submits something while nobody is at work works until the
 * queue is empty; whoever finds another at work leaves it to him. What is done at work is
 * seen by whoever is at work next.
 */
final class WorkQueue<T> {

	private final Queue<T> queue = new ConcurrentLinkedQueue<>();

	/** Queued or at work; who takes it from 0 to 1 goes to work. */
	private final AtomicInteger waiting = new AtomicInteger();

	private final Consumer<T> worker;

	/**
	 * A queue with nothing in it.
	 * @param worker does the work, one thing after another; what it throws is lost
	 */
	WorkQueue(Consumer<T> worker) {
		this.worker = worker;
	}

	void submit(T work) {
		this.queue.add(work);
		if (this.waiting.getAndIncrement() == 0) {
			do {
				workOn(this.queue.remove());
			}
			while (this.waiting.decrementAndGet() > 0);
		}
	}

	/** Whatever goes wrong with one, the others must not wait for ever. */
	private void workOn(T next) {
		try {
			this.worker.accept(next);
		}
		catch (Throwable lost) {
			// The worker has noted it if that was possible at all.
		}
	}

}
