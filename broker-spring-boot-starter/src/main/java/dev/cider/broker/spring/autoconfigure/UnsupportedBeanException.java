package dev.cider.broker.spring.autoconfigure;

import org.jspecify.annotations.Nullable;

/**
 * A supervised bean is neither an endpoint nor a factory of endpoints.
 */
final class UnsupportedBeanException extends RuntimeException {

	private static final long serialVersionUID = 1;

	/** The bean name. */
	private final String id;

	UnsupportedBeanException(String id, @Nullable Class<?> type, String resource) {
		super("The @Supervised bean '" + id + "'" + resource + " is "
				+ ((type != null) ? "of type " + type.getName() : "of a type that its definition does not declare")
				+ ", but must be an EndpointFactory or an Endpoint.");
		this.id = id;
	}

	String id() {
		return this.id;
	}

}
