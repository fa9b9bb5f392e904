package dev.cider.broker.sample.exchange;

/**
 * What a transport throws out of its {@code listenAndServe} because a client called
 * {@code sample.crash}.
 */
public class RequestedCrashException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	RequestedCrashException() {
		super("A client called " + BuiltIns.CRASH);
	}

}
