package dev.cider.broker.spring.autoconfigure;

import dev.cider.broker.InstanceNumber;
import org.jspecify.annotations.Nullable;

/**
 * A bean that the broker supervises, or a method of a bean, known from its definition; or
 * one of the instances of such a bean.
 *
 * @param id the endpoint's id
 * @param name the bean name; not the id if the bean has a scoped proxy, several
 * supervised methods, or instances
 * @param kind how it supplies instances
 * @param method the supervised method, if the kind is {@link Kind#METHOD}
 * @param instance which instance it is; the only one if their number is not set
 */
record SupervisedBean(String id, String name, Kind kind, @Nullable SupervisedMethod method, InstanceNumber instance) {

	SupervisedBean(String id, String name, Kind kind) {
		this(id, name, kind, null);
	}

	SupervisedBean(String id, String name, Kind kind, @Nullable SupervisedMethod method) {
		this(id, name, kind, method, new InstanceNumber(1, 1));
	}

	/**
	 * One of the instances of this bean.
	 */
	SupervisedBean instance(String id, InstanceNumber instance) {
		return new SupervisedBean(id, this.name, this.kind, this.method, instance);
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
