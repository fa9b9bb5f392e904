package dev.cider.broker.spring;

import java.util.Set;
import java.util.stream.Collectors;

/**
 * The threads of brokers, to see that a context leaves none behind.
 */
public final class BrokerThreads {

	private BrokerThreads() {
	}

	/**
	 * The threads that live now, also of contexts that the test context cache keeps.
	 */
	public static Set<Thread> alive() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().startsWith("broker-"))
			.collect(Collectors.toSet());
	}

}
