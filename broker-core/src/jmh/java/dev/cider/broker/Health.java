package dev.cider.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import com.sun.management.ThreadMXBean;

/**
 * What endpoints cost that do nothing but serve: the bytes that all threads but the
 * driver allocate, and how often threads of the broker and those that carry virtual
 * threads wake up, which only Linux tells.
 */
final class Health {

	private static final long WHILE_NANOS = 3_000_000_000L;

	private final String[] ids;

	private final int rounds;

	private final ThreadKind kind;

	Health(int n, int rounds, ThreadKind kind) {
		this.ids = Side.ids(n);
		this.rounds = rounds;
		this.kind = kind;
	}

	void measure() {
		Rounds rounds = new Rounds(this.ids.length).run(this.rounds, this::idle);
		rounds.figure("healthy-allocation", Side.LOOP, "B/s").print();
		rounds.figure("healthy-wakeups", Side.LOOP, "1/s").print();
	}

	private void idle(Side side, Rounds.Result result) {
		Crowd crowd = side.crowd(this.ids, this.kind);
		crowd.register();
		crowd.startAndAwait();
		crowd.awaitIdle();
		// Threads that were needed for an instant go within a second.
		pause();
		Memory.collect();
		allocated();
		wakeUps();
		long bytes = allocated();
		long wakeUps = wakeUps();
		pause();
		result.is("healthy-wakeups", (wakeUps() - wakeUps) * 1e9 / WHILE_NANOS);
		result.is("healthy-allocation", (allocated() - bytes) * 1e9 / WHILE_NANOS);
		crowd.stop();
	}

	private static void pause() {
		long end = System.nanoTime() + WHILE_NANOS;
		for (long left = WHILE_NANOS; left > 0; left = end - System.nanoTime()) {
			LockSupport.parkNanos(left);
		}
	}

	private static long allocated() {
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		long driver = Thread.currentThread().getId();
		long[] others = LongStream.of(threads.getAllThreadIds()).filter((id) -> id != driver).toArray();
		return LongStream.of(threads.getThreadAllocatedBytes(others)).filter((bytes) -> bytes > 0).sum();
	}

	private static long wakeUps() {
		try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
			return tasks.mapToLong(Health::wakeUps).sum();
		}
		catch (IOException notLinux) {
			return 0;
		}
	}

	private static long wakeUps(Path task) {
		try {
			String name = Files.readString(task.resolve("comm"));
			if (!name.startsWith("broker-") && !name.startsWith("ForkJoinPool")) {
				return 0;
			}
			return Files.readAllLines(task.resolve("status"))
				.stream()
				.filter((line) -> line.startsWith("voluntary_ctxt_switches"))
				.mapToLong((line) -> Long.parseLong(line.replaceAll("\\D", "")))
				.sum();
		}
		catch (IOException | UncheckedIOException gone) {
			return 0;
		}
	}

}
