package dev.cider.broker;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The timer of this machine, whatever happens to its thread.
 */
class SystemTimeTests {

	private Thread thread = new Thread();

	private final SystemTime time = new SystemTime((task) -> {
		this.thread = new Thread(task);
		return this.thread;
	});

	@BeforeEach
	void start() {
		this.time.start();
	}

	@AfterEach
	void end() throws InterruptedException {
		this.time.close();
		this.thread.join(Waiting.LIMIT.toMillis());
	}

	@Test
	void aStrayInterruptDoesNotKeepTheTimerBusy() {
		this.thread.interrupt();
		// While its flag is set a thread cannot sleep.
		Waiting.until(() -> !this.thread.isInterrupted());
	}

	@Test
	void aStrayInterruptCostsNoTimer() {
		CountDownLatch fired = new CountDownLatch(2);
		this.time.after(Duration.ofMillis(1), fired::countDown);
		this.thread.interrupt();
		this.time.after(Duration.ofMillis(1), fired::countDown);
		Waiting.on(fired);
	}

	@Test
	void g15TheThreadGoesThoughItsLastTimerIsDisarmedWhileItLooks() throws InterruptedException {
		for (int round = 0; round < 2_000; round++) {
			AtomicReference<Thread> timerThread = new AtomicReference<>();
			SystemTime closing = new SystemTime((task) -> {
				timerThread.set(new Thread(task));
				return timerThread.get();
			});
			closing.start();
			Time.Timer last = closing.after(Duration.ofMillis(50), () -> {
			});
			Thread disarming = new Thread(last::cancel);
			disarming.start();
			closing.close();
			disarming.join();
			timerThread.get().join(Waiting.LIMIT.toMillis());
			assertThat(timerThread.get().isAlive()).as("alive in round " + round).isFalse();
		}
	}

}
