package dev.cider.broker;

/**
 * No endpoint is registered under an id.
 */
public class UnknownEndpointException extends IllegalArgumentException {

	private static final long serialVersionUID = 1;

	/** The id that nothing is registered under. */
	private final String id;

	/**
	 * A new exception.
	 * @param id the id that nothing is registered under
	 */
	public UnknownEndpointException(String id) {
		super("Unknown endpoint '" + id + "': no factory is registered under this id");
		this.id = id;
	}

	/**
	 * The id that nothing is registered under.
	 * @return the id
	 */
	public String id() {
		return this.id;
	}

}
