package dev.cider.broker.spring.autoconfigure;

/**
 * A supervised bean is an endpoint whose scope does not give a new instance for every
 * start.
 */
final class NotRestartableEndpointException extends RuntimeException {

	private static final long serialVersionUID = 1;

	/** The bean name. */
	private final String id;

	/** The simple name of the bean's class. */
	private final String type;

	NotRestartableEndpointException(String id, String scope, Class<?> type, String resource) {
		super("The @Supervised bean '" + id + "'" + resource + " is an Endpoint (" + type.getName() + ") in scope '"
				+ scope
				+ "'. An Endpoint instance serves only once, so the broker needs a new instance for every start.");
		this.id = id;
		this.type = type.isInterface() ? "MyEndpoint" : type.getSimpleName();
	}

	String id() {
		return this.id;
	}

	String type() {
		return this.type;
	}

}
