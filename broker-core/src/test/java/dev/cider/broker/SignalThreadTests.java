package dev.cider.broker;

import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

import com.sun.management.ThreadMXBean;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The thread that signals are left to when nobody else works on them.
 */
class SignalThreadTests {

	private static final int JOBS = 1_000;

	/**
	 * Without memory it goes on: if it ended for want of it, no signal that is left to it
	 * would ever be worked on.
	 */
	@Test
	void g9ItNeedsNoMemoryToWaitAndToTakeOver() {
		ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		AtomicLong done = new AtomicLong();
		AtomicLong atFirst = new AtomicLong();
		AtomicLong atLast = new AtomicLong();
		SignalThread signals = new SignalThread(new Threads(null), 1);
		signals.start();
		IntStream.range(0, JOBS).forEach((i) -> {
			signals.add(new SignalThread.Job() {
				@Override
				boolean runSlice() {
					if (i == JOBS / 10) {
						atFirst.set(memory.getCurrentThreadAllocatedBytes());
					}
					if (i == JOBS - 1) {
						atLast.set(memory.getCurrentThreadAllocatedBytes());
					}
					done.incrementAndGet();
					return false;
				}
			});
			while (done.get() <= i) {
				Thread.onSpinWait();
			}
		});
		signals.close();
		assertThat(atLast.get() - atFirst.get()).as("bytes").isLessThan(JOBS);
	}

}
