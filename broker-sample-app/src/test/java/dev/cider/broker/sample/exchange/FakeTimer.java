package dev.cider.broker.sample.exchange;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import io.netty.util.Timeout;
import io.netty.util.Timer;
import io.netty.util.TimerTask;

/**
 * Time that passes only when it is told to.
 */
class FakeTimer implements Timer {

	private final Queue<Armed> armed = new PriorityQueue<>(Comparator.comparingLong(Armed::at));

	private long now;

	@Override
	public Timeout newTimeout(TimerTask task, long delay, TimeUnit unit) {
		Armed timeout = new Armed(this, task, this.now + unit.toNanos(delay));
		this.armed.add(timeout);
		return timeout;
	}

	@Override
	public Set<Timeout> stop() {
		throw new UnsupportedOperationException();
	}

	int armed() {
		return this.armed.size();
	}

	void pass(Duration time) throws Exception {
		this.now += time.toNanos();
		while (!this.armed.isEmpty() && this.armed.peek().at() <= this.now) {
			Armed due = this.armed.remove();
			due.task().run(due);
		}
	}

	private record Armed(FakeTimer timer, TimerTask task, long at) implements Timeout {

		@Override
		public boolean isExpired() {
			return this.at <= this.timer.now;
		}

		@Override
		public boolean isCancelled() {
			return !isExpired() && !this.timer.armed.contains(this);
		}

		@Override
		public boolean cancel() {
			return this.timer.armed.remove(this);
		}

	}

}
