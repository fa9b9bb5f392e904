package dev.cider.broker;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;

import javax.management.JMException;
import javax.management.ObjectName;

/**
 * What the JVM counts itself: the bytes that all its threads have allocated so far, those
 * that have ended included, and the time that its collectors have stopped them.
 */
final class Allocation {

	private Allocation() {
	}

	/** By name, as this is compiled for a JDK that does not count them yet. */
	static double bytes() {
		try {
			return ((Number) ManagementFactory.getPlatformMBeanServer()
				.getAttribute(new ObjectName("java.lang:type=Threading"), "TotalThreadAllocatedBytes")).doubleValue();
		}
		catch (JMException old) {
			return Double.NaN;
		}
	}

	static double collectorMillis() {
		return ManagementFactory.getGarbageCollectorMXBeans()
			.stream()
			.mapToLong(GarbageCollectorMXBean::getCollectionTime)
			.sum();
	}

}
