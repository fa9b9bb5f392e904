package dev.cider.broker.sample.load;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the JVM holds at one moment.
 *
 * @param heapKilobytes what is reachable
 * @param directKilobytes buffers outside the heap
 * @param residentKilobytes what the system counts, 0 where it does not tell
 * @param threads how many live threads there are of each kind, by name without numbers
 */
record Footprint(long heapKilobytes, long directKilobytes, long residentKilobytes, Map<String, Long> threads) {

	private static final int COLLECTIONS = 4;

	static Footprint now() {
		for (int i = 0; i < COLLECTIONS; i++) {
			System.gc();
		}
		long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / 1024;
		long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)
			.stream()
			.mapToLong(BufferPoolMXBean::getMemoryUsed)
			.sum() / 1024;
		Map<String, Long> threads = Thread.getAllStackTraces()
			.keySet()
			.stream()
			.map((thread) -> thread.getName().replaceAll("[0-9]+", "N"))
			.collect(Collectors.groupingBy((name) -> name, TreeMap::new, Collectors.counting()));
		return new Footprint(heap, direct, resident(), threads);
	}

	long threadCount() {
		return this.threads.values().stream().mapToLong(Long::longValue).sum();
	}

	private static long resident() {
		try {
			return Files.readAllLines(Path.of("/proc/self/status"))
				.stream()
				.filter((line) -> line.startsWith("VmRSS:"))
				.mapToLong((line) -> Long.parseLong(line.replaceAll("[^0-9]", "")))
				.sum();
		}
		catch (IOException ex) {
			return 0;
		}
	}

	@Override
	public String toString() {
		return "heap " + this.heapKilobytes + " kB, direct " + this.directKilobytes + " kB, resident "
				+ this.residentKilobytes + " kB, threads " + threadCount();
	}

}
