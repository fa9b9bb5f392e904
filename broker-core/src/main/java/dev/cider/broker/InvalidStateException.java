package dev.cider.broker;

/**
 * A method was called in a state that does not allow it. The original broker's
 * {@code ErrInvalidState}.
 */
public class InvalidStateException extends IllegalStateException {

	private static final long serialVersionUID = 1;

	/** Which states would have been right. */
	private final String expected;

	/** The state at the time of the call. */
	private final String current;

	/**
	 * A new exception.
	 * @param what the call, and its subject
	 * @param expected which states would have been right
	 * @param current the state at the time of the call
	 */
	public InvalidStateException(String what, String expected, String current) {
		super(what + " needs the state " + expected + ", but the state is " + current);
		this.expected = expected;
		this.current = current;
	}

	/**
	 * Which states would have been right.
	 * @return their names
	 */
	public String expected() {
		return this.expected;
	}

	/**
	 * The state at the time of the call.
	 * @return its name
	 */
	public String current() {
		return this.current;
	}

}
