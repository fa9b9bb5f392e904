package dev.cider.broker;

/**
 * An endpoint was to be added, removed, started, stopped or restarted, but its broker is
 * terminating or has terminated. The original broker's {@code ErrTerminated}.
 */
public class EndpointTerminatedException extends IllegalStateException {

	private static final long serialVersionUID = 1;

	/** What is terminating or has terminated. */
	private final String what;

	/**
	 * A new exception.
	 * @param what what is terminating or has terminated
	 */
	public EndpointTerminatedException(String what) {
		super(what + " is terminating or has terminated");
		this.what = what;
	}

	/**
	 * What is terminating or has terminated.
	 * @return its name
	 */
	public String what() {
		return this.what;
	}

}
