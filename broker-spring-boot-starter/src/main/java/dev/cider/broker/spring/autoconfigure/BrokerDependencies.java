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
 * Makes the broker depend on all beans that its endpoints need, so that Spring starts
 * them before the broker and stops them after it. Spring looks at direct dependencies
 * only and not through beans without a lifecycle, so the indirect dependencies are
 * registered too. They are registered after the beans were created, not injected, because
 * a factory may in turn inject the broker.
 */
final class BrokerDependencies {

	private final ConfigurableListableBeanFactory beanFactory;

	private final Set<String> needed = ConcurrentHashMap.newKeySet();

	BrokerDependencies(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	/**
	 * Registers some beans, and all that they need, as dependencies of the broker.
	 * @param brokers the bean names of the broker
	 * @param names the names of the beans that it needs
	 */
	void register(Collection<String> brokers, Collection<String> names) {
		Deque<String> open = new ArrayDeque<>(names);
		// Also visits the beans of earlier calls: one that was created since then may
		// have more dependencies.
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
	 * The name by which Spring keeps and starts a bean. A dependency may have an alias
	 * instead or, for a factory bean, the name with the prefix.
	 */
	private String registeredName(String name) {
		String plain = BeanFactoryUtils.transformedBeanName(name);
		return (this.beanFactory instanceof SimpleAliasRegistry aliases) ? aliases.canonicalName(plain) : plain;
	}

	/**
	 * Whether Spring may start a bean, and can know that the broker depends on it. Not
	 * every dependency has a bean definition here: a singleton that was registered as an
	 * object has none, nor has an inner bean or a bean of a parent context.
	 */
	private boolean mayDependOn(String name) {
		if (isMadeOrUndefined(name)) {
			return true;
		}
		BeanDefinition definition = this.beanFactory.getMergedBeanDefinition(name);
		if (definition.isSingleton() && definition.getDependsOn() != null && isStartedBySpring(name)) {
			// Create the bean now, as Spring is about to do in order to start it. Once it
			// is registered as a dependency of the broker, Spring would find a cycle if
			// the bean depends on one that depends on the broker.
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
	 * The dependencies of a bean that does not exist yet, as its definition suggests
	 * them. A bean too many does no harm.
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
	 * Whether a needed bean has the phase of the broker or a higher one. Spring stops it
	 * right after the broker, as soon as the call that stops the broker returns. A bean
	 * with a lower phase is stopped only when the phase of the broker is over.
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
			// A needless wait does less harm than a bean that is stopped too early.
			return true;
		}
	}

	private static int phaseOf(Lifecycle lifecycle) {
		return (lifecycle instanceof Phased phased) ? phased.getPhase() : 0;
	}

}
