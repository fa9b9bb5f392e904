package dev.cider.broker.spring.autoconfigure;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.Lifecycle;
import org.springframework.context.Phased;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.SimpleAliasRegistry;

/**
 * Makes the broker depend on all that its endpoints need, so that Spring starts it before
 * the broker and stops it after. Spring looks at direct dependencies only and does not
 * see through beans without a lifecycle of their own, so the indirect ones are registered
 * too. This is done in retrospect, and not by injection, because a factory may in turn
 * inject the broker.
 */
final class BrokerDependencies {

	private final ConfigurableListableBeanFactory beanFactory;

	private final Set<String> needed = ConcurrentHashMap.newKeySet();

	BrokerDependencies(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	/**
	 * Registers what some beans need, and these beans, as needed by the broker.
	 * @param brokers the bean names of the broker
	 * @param names the bean names of those that it needs
	 */
	void register(Collection<String> brokers, Collection<String> names) {
		Deque<String> open = new ArrayDeque<>(names);
		// What is known already may need more than it did: it may have been made since.
		Set<String> seen = new HashSet<>(brokers);
		while (!open.isEmpty()) {
			String name = registeredName(open.pop());
			if (seen.add(name)) {
				if (mayDependOn(name) && this.needed.add(name)) {
					brokers.forEach((broker) -> this.beanFactory.registerDependentBean(name, broker));
				}
				open.addAll(List.of(this.beanFactory.getDependenciesForBean(name)));
				open.addAll(expectedNeedsOf(name));
			}
		}
	}

	/**
	 * The name by which Spring keeps and starts a bean, of which a dependency may give an
	 * alias or, for a factory bean, the name with the prefix.
	 */
	private String registeredName(String name) {
		String plain = BeanFactoryUtils.transformedBeanName(name);
		return (this.beanFactory instanceof SimpleAliasRegistry aliases) ? aliases.canonicalName(plain) : plain;
	}

	/**
	 * Whether Spring may start a bean, and can know that the broker depends on it. A
	 * dependency is any bean that somebody was given: one that was registered as it is
	 * has no definition to ask, nor has an inner bean or a parent's.
	 */
	private boolean mayDependOn(String name) {
		if (isMadeOrUndefined(name)) {
			return true;
		}
		BeanDefinition definition = this.beanFactory.getMergedBeanDefinition(name);
		if (definition.isSingleton() && definition.getDependsOn() != null && isStartedBySpring(name)) {
			// Spring is about to make it for its start. Later it would find that the bean
			// depends on what depends on the broker, which depends on the bean.
			this.beanFactory.getBean(name);
			return true;
		}
		return definition.isSingleton() && definition.getDependsOn() == null;
	}

	private boolean isMadeOrUndefined(String name) {
		return this.beanFactory.containsSingleton(name) || !this.beanFactory.containsBeanDefinition(name);
	}

	private boolean isStartedBySpring(String name) {
		Class<?> type = this.beanFactory.getType(name, false);
		return type != null && SmartLifecycle.class.isAssignableFrom(type);
	}

	/**
	 * What a bean needs is not known before it is made, so its definition has to tell. To
	 * name too many does no harm.
	 */
	private List<String> expectedNeedsOf(String name) {
		if (isMadeOrUndefined(name)) {
			return List.of();
		}
		BeanDefinition definition = this.beanFactory.getMergedBeanDefinition(name);
		List<String> needs = new ArrayList<>();
		if (definition.getFactoryBeanName() != null) {
			needs.add(definition.getFactoryBeanName());
		}
		if (definition.getDependsOn() != null) {
			needs.addAll(List.of(definition.getDependsOn()));
		}
		Class<?> type = this.beanFactory.getType(name, false);
		InjectedTypes.of(SupervisedBeans.makers(definition, type), type)
			.forEach((need) -> needs.addAll(List.of(this.beanFactory.getBeanNamesForType(need, true, false))));
		return needs;
	}

	/**
	 * Whether one of them is stopped in the phase of the broker or an earlier one: then
	 * it is stopped as soon as the call that stops the broker returns. One in a later
	 * phase waits for the broker anyway.
	 */
	boolean isAnyStoppedWith(int phase) {
		return this.needed.stream()
			.filter(this.beanFactory::containsSingleton)
			.map(this.beanFactory::getSingleton)
			.anyMatch((bean) -> bean instanceof Lifecycle lifecycle && isStoppedWith(phase, lifecycle));
	}

	private static boolean isStoppedWith(int phase, Lifecycle lifecycle) {
		try {
			return lifecycle.isRunning() && phaseOf(lifecycle) >= phase;
		}
		catch (Throwable unknown) {
			// To wait in vain does less harm than to take it away too early.
			return true;
		}
	}

	private static int phaseOf(Lifecycle lifecycle) {
		return (lifecycle instanceof Phased phased) ? phased.getPhase() : 0;
	}

}
