package dev.cider.broker;

import org.slf4j.MDC;

/**
 * Marks, for the logging backend, what a thread does as done for one endpoint: whatever
 * the endpoint's own code logs there carries the endpoint's id.
 */
final class LoggingContext {

	/** The key under which the id is found in SLF4J's {@link MDC}. */
	static final String KEY = "broker.endpoint";

	private LoggingContext() {
	}

	/**
	 * Runs something that belongs to an endpoint. A backend that throws costs the mark,
	 * not the run.
	 */
	static void with(String id, Runnable task) {
		try {
			MDC.put(KEY, id);
		}
		catch (Throwable broken) {
			// G9: what a logging backend throws harms nobody.
		}
		try {
			task.run();
		}
		finally {
			leave();
		}
	}

	/** A ThreadFactory may use its thread for something else afterwards. */
	private static void leave() {
		try {
			MDC.remove(KEY);
		}
		catch (Throwable broken) {
			// As above.
		}
	}

}
