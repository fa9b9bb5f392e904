package dev.cider.broker;

/**
 * Something was asked for at the wrong moment. The original calls it
 * {@code ErrInvalidState}.
 */
public class InvalidStateException extends IllegalStateException {

	private static final long serialVersionUID = 1;

	/** Which states would have been right. */
	private final String expected;

	/** The state that there was. */
	private final String current;

	/**
	 * A new exception.
	 * @param what what was asked for, of whom
	 * @param expected which states would have been right
	 * @param current the state that there was
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
	 * The state that there was.
	 * @return its name
	 */
	public String current() {
		return this.current;
	}

}
