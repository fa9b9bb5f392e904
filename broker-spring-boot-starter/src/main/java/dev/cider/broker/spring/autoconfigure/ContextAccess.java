package dev.cider.broker.spring.autoconfigure;

/**
 * Whether the instances of an endpoint get an EndpointContext, and what to write so that
 * they get one.
 */
enum ContextAccess {

	/** They get one, or it is not known yet. */
	GIVEN("Call EndpointContext.%s"),

	/** The factory takes none. */
	FACTORY_WITHOUT(
			"Make the endpoint's factory a ContextualEndpointFactory, whose instances can call EndpointContext.%s"),

	/** Neither the constructor nor the {@code @Bean} method takes one. */
	PROTOTYPE_WITHOUT(
			"Give the endpoint's constructor or @Bean method one EndpointContext parameter and call %s on it"),

	/** The supervised method takes none. */
	METHOD_WITHOUT("Give the method one EndpointContext parameter and call %s on it");

	private final String remedy;

	ContextAccess(String remedy) {
		this.remedy = remedy;
	}

	boolean isGiven() {
		return this == GIVEN;
	}

	/**
	 * What to write.
	 * @param call the method of the context that the instances have to call
	 */
	String remedy(String call) {
		return this.remedy.formatted(call);
	}

}
