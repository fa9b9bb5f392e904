package dev.cider.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which timer is due when. Its races are explored by {@link InterleavingTests}.
 */
class TimerQueueTests {

	private final TimerQueue timers = new TimerQueue();

	private final List<String> fired = new ArrayList<>();

	private final long now = System.nanoTime();

	private TimerQueue.Armed arm(String name, long millis) {
		TimerQueue.Armed timer = new TimerQueue.Armed(() -> this.fired.add(name));
		this.timers.add(timer, this.now + TimeUnit.MILLISECONDS.toNanos(millis));
		return timer;
	}

	private void fireAllUntil(long millis) {
		long until = this.now + TimeUnit.MILLISECONDS.toNanos(millis);
		for (TimerQueue.Armed due = this.timers.pollDue(until); due != null; due = this.timers.pollDue(until)) {
			due.fire();
		}
	}

	@Test
	void timersFireInTheOrderInWhichTheyAreDueAndNeverEarly() {
		arm("third", 300);
		arm("first", 100);
		arm("second", 200);
		fireAllUntil(99);
		assertThat(this.fired).isEmpty();
		fireAllUntil(102);
		assertThat(this.fired).containsExactly("first");
		fireAllUntil(302);
		assertThat(this.fired).containsExactly("first", "second", "third");
		assertThat(this.timers.nextDeadline()).isNull();
	}

	@Test
	void theNextDeadlineIsThatOfTheFirstWithinATick() {
		arm("later", 500);
		arm("sooner", 50);
		assertThat(this.timers.nextDeadline() - this.now).isBetween(TimeUnit.MILLISECONDS.toNanos(50),
				TimeUnit.MILLISECONDS.toNanos(52));
	}

	@Test
	void whatIsCancelledDoesNotFireAndLeavesNothingBehind() {
		TimerQueue.Armed first = arm("first", 100);
		TimerQueue.Armed second = arm("second", 100);
		TimerQueue.Armed third = arm("third", 100);
		second.cancel();
		second.cancel();
		assertThat(this.timers.size()).isEqualTo(2);
		fireAllUntil(1000);
		assertThat(this.fired).containsExactly("first", "third");
		first.cancel();
		third.cancel();
		assertThat(this.timers.size()).isZero();
		assertThat(this.timers.nextDeadline()).isNull();
	}

	@Test
	void aDelayForEverIsNeverDue() {
		this.timers.add(new TimerQueue.Armed(() -> this.fired.add("never")), this.now + Long.MAX_VALUE / 2);
		fireAllUntil(TimeUnit.DAYS.toMillis(36_500));
		assertThat(this.fired).isEmpty();
		assertThat(this.timers.size()).isEqualTo(1);
	}

	/** Many arm and disarm what is due in the same few ticks, and one takes. */
	@Test
	void whatManyArmIsTakenOnceOrCancelled() throws Exception {
		long seed = Long.getLong("broker.seed", System.nanoTime());
		System.out.println("TimerQueueTests: -Dbroker.seed=" + seed);
		int each = 100_000;
		AtomicInteger taken = new AtomicInteger();
		AtomicInteger kept = new AtomicInteger();
		List<Thread> threads = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			SplittableRandom random = new SplittableRandom(seed + i);
			threads.add(new Thread(() -> {
				for (int n = 0; n < each; n++) {
					AtomicInteger runs = new AtomicInteger();
					TimerQueue.Armed timer = new TimerQueue.Armed(() -> {
						runs.incrementAndGet();
						taken.incrementAndGet();
					});
					this.timers.add(timer, this.now + random.nextLong(5_000_000));
					if (random.nextBoolean()) {
						timer.cancel();
					}
					else {
						kept.incrementAndGet();
					}
				}
			}));
		}
		threads.forEach(Thread::start);
		int before = 0;
		while (threads.stream().anyMatch(Thread::isAlive)) {
			before += takeAll();
		}
		before += takeAll();
		assertThat(before).isEqualTo(taken.get()).isGreaterThanOrEqualTo(kept.get());
		assertThat(this.timers.size()).isZero();
		assertThat(this.timers.nextDeadline()).isNull();
	}

	private int takeAll() {
		int count = 0;
		for (TimerQueue.Armed due = this.timers.pollDue(this.now + 10_000_000); due != null; due = this.timers
			.pollDue(this.now + 10_000_000)) {
			due.fire();
			count++;
		}
		return count;
	}

}
