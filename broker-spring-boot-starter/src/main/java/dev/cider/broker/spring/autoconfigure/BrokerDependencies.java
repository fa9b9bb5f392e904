package dev.cider.broker.spring.autoconfigure;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.Lifecycle;
import org.springframework.context.Phased;

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
		while (!open.isEmpty()) {
			String name = open.pop();
			if (!brokers.contains(name) && this.needed.add(name)) {
				brokers.forEach((broker) -> this.beanFactory.registerDependentBean(name, broker));
				open.addAll(Set.of(this.beanFactory.getDependenciesForBean(name)));
			}
		}
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
		catch (RuntimeException unknown) {
			// To wait in vain does less harm than to take it away too early.
			return true;
		}
	}

	private static int phaseOf(Lifecycle lifecycle) {
		return (lifecycle instanceof Phased phased) ? phased.getPhase() : 0;
	}

}
