package dev.cider.broker.sample.transport;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;

import io.netty.util.internal.PlatformDependent;

/**
 * What this JVM holds, in megabytes.
 *
 * @param heap what is left on the heap after a collection
 * @param direct what is outside of it
 */
record Memory(long heap, long direct) {

	private static final long MEGABYTE = 1024 * 1024;

	static Memory now() {
		System.gc();
		long direct = PlatformDependent.usedDirectMemory();
		for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
			direct += pool.getMemoryUsed();
		}
		return new Memory(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / MEGABYTE,
				direct / MEGABYTE);
	}

	/**
	 * How much more it is than before.
	 */
	long since(Memory before) {
		return (this.heap - before.heap) + (this.direct - before.direct);
	}

}
