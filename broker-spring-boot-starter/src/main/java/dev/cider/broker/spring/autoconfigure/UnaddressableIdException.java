package dev.cider.broker.spring.autoconfigure;

/**
 * A supervised bean has a name that cannot be the id of an endpoint.
 */
final class UnaddressableIdException extends RuntimeException {

	private static final long serialVersionUID = 1;

	/** The bean name. */
	private final String id;

	UnaddressableIdException(String id, String flaw, String resource) {
		super("The name of the @Supervised bean '" + id + "'" + resource + " cannot be the id of an endpoint: it "
				+ flaw
				+ ". An id must be usable as the last part of the path '/actuator/broker/{id}', so it must not contain"
				+ " '/', '\\', ';', '%' or a control character, nor be '.' or '..'.");
		this.id = id;
	}

	String id() {
		return this.id;
	}

}
