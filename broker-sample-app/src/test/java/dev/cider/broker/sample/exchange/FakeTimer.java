package dev.cider.broker.sample.exchange;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;

/**
 * Time that passes only when it is told to.
 */
class FakeTimer implements CallTimer {

	private final Queue<Task> tasks = new PriorityQueue<>(Comparator.comparingLong(Task::at));

	private long now = Long.MAX_VALUE - Duration.ofSeconds(10).toNanos();

	@Override
	public long nanos() {
		return this.now;
	}

	@Override
	public void in(long nanos, Runnable task) {
		this.tasks.add(new Task(this.now - Long.MAX_VALUE + nanos, task));
	}

	int armed() {
		return this.tasks.size();
	}

	void pass(Duration time) {
		this.now += time.toNanos();
		while (!this.tasks.isEmpty() && this.tasks.peek().at() <= this.now - Long.MAX_VALUE) {
			this.tasks.remove().task().run();
		}
	}

	private record Task(long at, Runnable task) {
	}

}
