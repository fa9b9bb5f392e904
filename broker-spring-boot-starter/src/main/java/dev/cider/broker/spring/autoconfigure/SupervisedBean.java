package dev.cider.broker.spring.autoconfigure;

import org.jspecify.annotations.Nullable;

/**
 * A bean that the broker supervises, or a method of a bean, known from its definition.
 *
 * @param id the endpoint's id
 * @param name the bean name; not the id if the bean has a scoped proxy or several
 * supervised methods
 * @param kind how it supplies instances
 * @param method the supervised method, if the kind is {@link Kind#METHOD}
 */
record SupervisedBean(String id, String name, Kind kind, @Nullable SupervisedMethod method) {

	SupervisedBean(String id, String name, Kind kind) {
		this(id, name, kind, null);
	}

	/**
	 * How a supervised bean supplies instances.
	 */
	enum Kind {

		/** The bean is a factory of the instances. */
		FACTORY,

		/** Each instance is a bean. */
		PROTOTYPE,

		/** Each instance is a bean and gets the context of its incarnation. */
		CONTEXTUAL_PROTOTYPE,

		/** Each instance is a call of a method of the bean. */
		METHOD

	}

}
