package dev.cider.broker;

import org.slf4j.MDC;

/**
 * Puts an endpoint's id into the MDC of a thread that works for it, so that all that the
 * endpoint's own code logs there carries the id.
 */
final class LoggingContext {

	/** The key under which the id is found in SLF4J's {@link MDC}. */
	static final String KEY = "broker.endpoint";

	private LoggingContext() {
	}

	/**
	 * From now on this thread works for an endpoint. If the backend throws, only the id
	 * is missing in the log.
	 */
	static void enter(String id) {
		try {
			MDC.put(KEY, id);
		}
		catch (Throwable broken) {
			// G9: what a logging backend throws must not affect the endpoint.
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
