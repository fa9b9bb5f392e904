package dev.cider.broker.spring.autoconfigure;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.util.ConcurrentReferenceHashMap;

/**
 * Warns of a bean whose supervised methods nobody has seen: its definition declares a
 * type that does not have them, and the bean is created only now.
 */
final class HiddenMethods implements BeanPostProcessor {

	private static final Logger logger = LoggerFactory.getLogger(HiddenMethods.class);

	/** The names of the beans whose methods are endpoints. */
	private final Set<String> known;

	private final Set<String> warned = ConcurrentHashMap.newKeySet();

	/** A request may make many beans of a class. */
	private final Map<Class<?>, List<String>> methods = new ConcurrentReferenceHashMap<>();

	HiddenMethods(Set<String> known) {
		this.known = known;
	}

	/**
	 * The bean has no proxy yet. A framework may initialise an object of its own without
	 * a name: that is no bean whose definition could be corrected.
	 */
	@Override
	public Object postProcessBeforeInitialization(Object bean, @Nullable String name) {
		Class<?> type = bean.getClass();
		if (name != null && !this.known.contains(name)) {
			this.methods.computeIfAbsent(type, SupervisedMethods::names).stream().findFirst().ifPresent((method) -> {
				if (this.warned.add(name)) {
					logger.warn("The @Supervised method '{}' of bean '{}' is not served: the definition of the bean"
							+ " does not show its class {}, for example because its @Bean method returns an interface."
							+ " Declare the class as the return type", method, name, type.getName());
				}
			});
		}
		return bean;
	}

}
