package dev.cider.broker.spring.autoconfigure;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Finds which supervised beans depend on others by their definitions, as Spring's
 * {@code @DependsOn} says. To Spring that is the order in which beans are made, which it
 * keeps itself. Creates no bean.
 */
final class BeanDependencies {

	private final ConfigurableListableBeanFactory beanFactory;

	private final Collection<SupervisedBean> beans;

	/** The ids of the endpoints that are made of a bean, by its name. */
	private final Map<String, List<String>> endpoints = new LinkedHashMap<>();

	BeanDependencies(ConfigurableListableBeanFactory beanFactory, Collection<SupervisedBean> beans) {
		this.beanFactory = beanFactory;
		this.beans = beans;
		beans
			.forEach((bean) -> this.endpoints.computeIfAbsent(bean.name(), (name) -> new ArrayList<>()).add(bean.id()));
	}

	/**
	 * What each endpoint depends on. Beans that are not supervised are left out.
	 */
	Map<String, List<WaitFor>> find() {
		Map<String, List<WaitFor>> byBean = new LinkedHashMap<>();
		this.endpoints.keySet().forEach((name) -> byBean.put(name, needed(name)));
		Map<String, List<WaitFor>> found = new LinkedHashMap<>();
		for (SupervisedBean bean : this.beans) {
			List<WaitFor> needed = byBean.getOrDefault(bean.name(), List.of());
			if (!needed.isEmpty()) {
				found.put(bean.id(), needed);
			}
		}
		return found;
	}

	private List<WaitFor> needed(String name) {
		String[] dependsOn = this.beanFactory.getMergedBeanDefinition(name).getDependsOn();
		Set<String> ids = new LinkedHashSet<>();
		if (dependsOn != null) {
			for (String other : dependsOn) {
				namesOf(other).forEach((each) -> ids.addAll(this.endpoints.getOrDefault(each, List.of())));
			}
		}
		return ids.stream().map(WaitFor::annotated).toList();
	}

	/** A bean may have aliases, and a scoped proxy in front of it. */
	private Set<String> namesOf(String written) {
		String name = BeanFactoryUtils.transformedBeanName(written);
		Set<String> names = new LinkedHashSet<>(List.of(name));
		names.addAll(List.of(this.beanFactory.getAliases(name)));
		List.copyOf(names).forEach((each) -> names.add(ScopedProxyUtils.getTargetBeanName(each)));
		return names;
	}

}
