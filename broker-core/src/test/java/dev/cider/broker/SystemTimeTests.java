package dev.cider.broker;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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

}
