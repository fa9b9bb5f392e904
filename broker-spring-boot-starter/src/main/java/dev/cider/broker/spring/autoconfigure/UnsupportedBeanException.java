package dev.cider.broker.spring.autoconfigure;

import org.jspecify.annotations.Nullable;

/**
 * A supervised bean is of a type that the broker cannot serve.
 */
final class UnsupportedBeanException extends RuntimeException {

	private static final long serialVersionUID = 1;

	/** The bean name. */
	private final String id;

	UnsupportedBeanException(String id, @Nullable Class<?> type, String resource) {
		super("The @Supervised bean '" + id + "'" + resource + " is "
				+ ((type != null) ? "of type " + type.getName() : "of a type that its definition does not tell")
				+ ", and not an EndpointFactory or an Endpoint. The broker can serve nothing else.");
		this.id = id;
	}

	String id() {
		return this.id;
	}

}
