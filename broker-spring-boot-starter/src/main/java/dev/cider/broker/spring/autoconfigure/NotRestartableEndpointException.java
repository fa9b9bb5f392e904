package dev.cider.broker.spring.autoconfigure;

/**
 * A supervised bean is an endpoint that cannot be made anew.
 */
final class NotRestartableEndpointException extends RuntimeException {

	private static final long serialVersionUID = 1;

	/** The bean name. */
	private final String id;

	/** The simple name of the bean's class. */
	private final String type;

	NotRestartableEndpointException(String id, String scope, Class<?> type, String resource) {
		super("The @Supervised bean '" + id + "'" + resource + " is an Endpoint (" + type.getName() + ") in scope '"
				+ scope + "'. An endpoint's instance lives once: the broker needs a new one for every start.");
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
