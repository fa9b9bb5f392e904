package dev.cider.broker;

/**
 * An endpoint of an inner broker was dropped; see {@link Broker#asEndpoint()}. Its cause
 * is what the endpoint threw.
 */
public class EndpointDroppedException extends RuntimeException {

	private static final long serialVersionUID = 1;

	/** The id of the endpoint that was dropped. */
	private final String id;

	/**
	 * A new exception.
	 * @param id the id of the endpoint that was dropped
	 * @param decision why it was dropped
	 * @param cause what the endpoint threw
	 */
	public EndpointDroppedException(String id, String decision, Throwable cause) {
		super("Endpoint '" + id + "' was dropped: " + decision, cause);
		this.id = id;
	}

	/**
	 * The id of the endpoint that was dropped.
	 * @return the id
	 */
	public String id() {
		return this.id;
	}

}
