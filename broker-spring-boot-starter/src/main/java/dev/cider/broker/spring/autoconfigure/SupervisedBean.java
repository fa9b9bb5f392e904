package dev.cider.broker.spring.autoconfigure;

/**
 * A bean that the broker supervises, known from its definition.
 *
 * @param id the endpoint's id
 * @param name the bean name; not the id if the bean has a scoped proxy
 * @param kind how it supplies instances
 */
record SupervisedBean(String id, String name, Kind kind) {

	/**
	 * How a supervised bean supplies instances.
	 */
	enum Kind {

		/** The bean is a factory of the instances. */
		FACTORY,

		/** Each instance is a bean. */
		PROTOTYPE,

		/** Each instance is a bean and gets the context of its incarnation. */
		CONTEXTUAL_PROTOTYPE

	}

}
