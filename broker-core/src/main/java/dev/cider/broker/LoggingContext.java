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
	 * From now on what this thread does is done for an endpoint. A backend that throws
	 * costs the mark, nothing else.
	 */
	static void enter(String id) {
		try {
			MDC.put(KEY, id);
		}
		catch (Throwable broken) {
			// G9: what a logging backend throws harms nobody.
		}
	}

	/** A ThreadFactory may use its thread for something else afterwards. */
	static void leave() {
		try {
			MDC.remove(KEY);
		}
		catch (Throwable broken) {
			// As above.
		}
	}

}
