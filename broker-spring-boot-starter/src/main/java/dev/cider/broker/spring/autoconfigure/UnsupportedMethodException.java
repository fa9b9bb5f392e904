package dev.cider.broker.spring.autoconfigure;

import java.lang.reflect.Method;

import org.jspecify.annotations.Nullable;

/**
 * A supervised method cannot be an endpoint.
 */
final class UnsupportedMethodException extends RuntimeException {

	private static final long serialVersionUID = 1;

	/** The advice to the user. */
	private final String action;

	private UnsupportedMethodException(Method method, String flaw, String action, @Nullable Throwable cause) {
		super("The @Supervised method '" + method.getName() + "' of " + method.getDeclaringClass().getName() + " "
				+ flaw + ".", cause);
		this.action = action;
	}

	/**
	 * The declaration itself is wrong.
	 */
	static UnsupportedMethodException ofDeclaration(Method method, String flaw) {
		return new UnsupportedMethodException(method, flaw
				+ ", but a supervised method that is no @Bean method must be an instance method that returns nothing"
				+ " and has no parameter, or one EndpointContext",
				"""
						Declare the method like this, and let it return when its thread is interrupted:

						    @Supervised
						    public void %s() throws Exception {
						        while (!Thread.interrupted()) {
						            // serve
						        }
						    }

						If it is to make an endpoint instead, add @Bean and return an EndpointFactory."""
					.formatted(method.getName()),
				null);
	}

	/**
	 * Spring calls the method too, on another thread.
	 */
	static UnsupportedMethodException ofOtherCaller(Method method, String annotation) {
		return new UnsupportedMethodException(method,
				"is also @" + annotation + ", so it would run on another thread, which the broker does not supervise",
				"Remove @" + annotation + " from the method and from its class, or remove @Supervised.", null);
	}

	/**
	 * The bean is supervised too.
	 */
	static UnsupportedMethodException ofSupervisedBean(Method method) {
		return new UnsupportedMethodException(method, "belongs to a bean that is @Supervised itself",
				"Remove @Supervised from the method, or from the bean: from its class or its @Bean method.", null);
	}

	/**
	 * Beans of the scope live only while a thread handles a request.
	 */
	static UnsupportedMethodException ofRequest(Method method, @Nullable String scope) {
		return new UnsupportedMethodException(method,
				"belongs to a bean of scope '" + scope + "', which lives only while a thread handles a request",
				"Move the method to a bean without a scope of its own.", null);
	}

	/**
	 * Spring makes another instance for each bean that injects it.
	 */
	static UnsupportedMethodException ofPrototype(Method method) {
		return new UnsupportedMethodException(method,
				"belongs to a bean of scope 'prototype', of which each user gets another instance", """
						Remove the scope, so that there is one bean, whose method is called again after a crash. \
						If each call needs a new instance, let the class be the endpoint:

						    @Component @Supervised @Scope("prototype")
						    class %s implements Endpoint {

						        public void listenAndServe() throws Exception {
						            // serve
						        }

						        public void close() {
						            // make listenAndServe() return
						        }

						    }""".formatted(method.getDeclaringClass().getSimpleName()), null);
	}

	/**
	 * Something else has the id of the endpoint.
	 */
	static UnsupportedMethodException ofTakenId(Method method, String id) {
		return new UnsupportedMethodException(method, "has the id '" + id + "' in common with another method or bean",
				"Give the bean or the method another name.", null);
	}

	/**
	 * The proxy of the bean cannot override the method.
	 */
	static UnsupportedMethodException ofFinal(Method method, Class<?> proxy) {
		return new UnsupportedMethodException(method,
				"is final, so the proxy " + proxy.getName() + " cannot pass its call on",
				"Remove 'final' from the method.", null);
	}

	/**
	 * The proxy of the bean does not have the method.
	 */
	static UnsupportedMethodException ofProxy(Method method, Class<?> proxy, Throwable cause) {
		return new UnsupportedMethodException(method, "cannot be called through the proxy " + proxy.getName(),
				"Declare the method public, and also in the interface of the bean if the proxy has only the methods"
						+ " of that interface.",
				cause);
	}

	String action() {
		return this.action;
	}

}
