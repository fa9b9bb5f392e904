package dev.cider.broker;

import java.util.concurrent.locks.LockSupport;

/**
 * The heap.
 */
final class Memory {

	private Memory() {
	}

	/** What lives, in bytes. */
	static long live() {
		collect();
		Runtime runtime = Runtime.getRuntime();
		return runtime.totalMemory() - runtime.freeMemory();
	}

	/** And gives what waited for that, reference handlers above all, an instant. */
	static void collect() {
		System.gc();
		LockSupport.parkNanos(20_000_000);
	}

}
