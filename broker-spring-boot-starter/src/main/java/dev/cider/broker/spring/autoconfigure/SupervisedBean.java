package dev.cider.broker.spring.autoconfigure;

/**
 * A bean that the broker supervises, known from its definition.
 *
 * @param id the endpoint's id
 * @param name the bean name; not the id if the bean has a scoped proxy
 * @param kind how instances are had from it
 */
record SupervisedBean(String id, String name, Kind kind) {

	/**
	 * How instances are had from a supervised bean.
	 */
	enum Kind {

		/** The bean makes them. */
		FACTORY,

		/** Each is a bean. */
		PROTOTYPE,

		/** Each is a bean and knows its incarnation. */
		CONTEXTUAL_PROTOTYPE

	}

}
