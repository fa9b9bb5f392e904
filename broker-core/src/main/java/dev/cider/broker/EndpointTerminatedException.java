package dev.cider.broker;

/**
 * An endpoint was to be started, stopped or restarted, but its broker is terminating or
 * has terminated. The original calls it {@code ErrTerminated}.
 */
public class EndpointTerminatedException extends IllegalStateException {

	private static final long serialVersionUID = 1;

	/** What has terminated. */
	private final String what;

	/**
	 * A new exception.
	 * @param what what has terminated
	 */
	public EndpointTerminatedException(String what) {
		super(what + " has been terminated");
		this.what = what;
	}

	/**
	 * What has terminated.
	 * @return its name
	 */
	public String what() {
		return this.what;
	}

}
