package dev.cider.broker.sample.exchange;

/**
 * Thrown by the {@code listenAndServe} of a transport, because a client called
 * {@code sample.crash}.
 */
public class RequestedCrashException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	RequestedCrashException() {
		super("A client called " + BuiltIns.CRASH);
	}

}
