package dev.cider.broker.spring.autoconfigure;

import java.lang.reflect.Method;

import org.jspecify.annotations.Nullable;

/**
 * A supervised method cannot be an endpoint.
 */
final class UnsupportedMethodException extends RuntimeException {

	private static final long serialVersionUID = 1;

	private final String name;

	UnsupportedMethodException(Method method, String flaw, @Nullable Throwable cause) {
		super("The @Supervised method '" + method.getName() + "' of " + method.getDeclaringClass().getName() + " "
				+ flaw + ". A supervised method that is no @Bean method must be an instance method that returns"
				+ " nothing and has no parameter, or one EndpointContext; its bean must not belong to a request; if its"
				+ " bean has a proxy, the proxy must have it too.", cause);
		this.name = method.getName();
	}

	/** The name of the method. */
	String name() {
		return this.name;
	}

}
