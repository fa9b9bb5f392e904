package dev.cider.broker.spring.autoconfigure;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * Warns of a bean whose supervised methods nobody has seen: its definition declares a
 * type that does not have them, and the bean is created only now.
 */
final class HiddenMethods implements BeanPostProcessor {

	private static final Logger logger = LoggerFactory.getLogger(HiddenMethods.class);

	/** The names of the beans whose methods are endpoints. */
	private final Set<String> known;

	private final Set<String> warned = ConcurrentHashMap.newKeySet();

	HiddenMethods(Set<String> known) {
		this.known = known;
	}

	/** The bean has no proxy yet. */
	@Override
	public Object postProcessBeforeInitialization(Object bean, String name) {
		Class<?> type = bean.getClass();
		if (!this.known.contains(name)) {
			SupervisedMethods.names(type).stream().findFirst().ifPresent((method) -> {
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
