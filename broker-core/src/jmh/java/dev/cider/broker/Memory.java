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

	/** Twice, for the first one only finds what references clear. */
	static void collect() {
		for (int i = 0; i < 2; i++) {
			System.gc();
			LockSupport.parkNanos(20_000_000);
		}
	}

}
