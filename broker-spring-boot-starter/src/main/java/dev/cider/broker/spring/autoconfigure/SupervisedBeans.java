package dev.cider.broker.spring.autoconfigure;

import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointContext;
import dev.cider.broker.EndpointFactory;
import dev.cider.broker.spring.Supervised;
import dev.cider.broker.spring.autoconfigure.SupervisedBean.Kind;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.autoproxy.AutoProxyUtils;
import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.util.StringUtils;

/**
 * Finds the supervised beans of one bean factory, but not of its parents. Creates no
 * bean.
 */
final class SupervisedBeans {

	/** Outside of a request such a bean cannot be made. */
	private static final Set<String> SCOPES_OF_A_REQUEST = Set.of("request", "session");

	private static final String SCOPED_TARGET = ScopedProxyUtils.getTargetBeanName("");

	private final ConfigurableListableBeanFactory beanFactory;

	private final Map<Class<?>, List<SupervisedMethod>> methods = new HashMap<>();

	private SupervisedBeans(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	/**
	 * Finds the supervised beans in the order of their definition.
	 * @throws NotRestartableEndpointException if a bean is an endpoint that is not a
	 * prototype
	 * @throws UnsupportedBeanException if a bean is neither factory nor endpoint
	 * @throws UnsupportedMethodException if a method cannot be an endpoint
	 * @throws UnaddressableIdException if the name of a bean cannot be the id of an
	 * endpoint
	 */
	static List<SupervisedBean> find(ConfigurableListableBeanFactory beanFactory) {
		return new SupervisedBeans(beanFactory).find();
	}

	private List<SupervisedBean> find() {
		List<SupervisedBean> found = new ArrayList<>();
		for (String name : this.beanFactory.getBeanDefinitionNames()) {
			// If a bean has a scoped proxy, its target is the supervised bean.
			boolean proxy = this.beanFactory.containsBeanDefinition(ScopedProxyUtils.getTargetBeanName(name));
			BeanDefinition definition = this.beanFactory.getMergedBeanDefinition(name);
			if (!proxy && !definition.isAbstract()) {
				Class<?> type = this.beanFactory.getType(name, false);
				List<SupervisedMethod> methods = methods(targetClass(definition, type));
				if (!isSupervised(name, definition)) {
					addMethodsTo(found, name, definition, methods);
				}
				else if (methods.isEmpty()) {
					addTo(found, name, definition, type);
				}
				else {
					throw UnsupportedMethodException.ofSupervisedBean(methods.get(0).method());
				}
			}
		}
		return List.copyOf(found);
	}

	private boolean isSupervised(String name, BeanDefinition definition) {
		if (definition instanceof AbstractBeanDefinition known && known.hasQualifier(Supervised.class.getName())) {
			return true;
		}
		Method method = factoryMethod(definition);
		return (method != null && MergedAnnotations.from(method).isPresent(Supervised.class))
				|| this.beanFactory.findAnnotationOnBean(name, Supervised.class, false) != null
				|| isFactoryBeanSupervised(name);
	}

	/**
	 * Looks at the class of a factory bean itself: without the prefix, Spring returns the
	 * type of its product.
	 */
	private boolean isFactoryBeanSupervised(String name) {
		Class<?> type = this.beanFactory.getType(BeanFactory.FACTORY_BEAN_PREFIX + name, false);
		return type != null && MergedAnnotations.from(type, SearchStrategy.TYPE_HIERARCHY).isPresent(Supervised.class);
	}

	private void addTo(List<SupervisedBean> found, String name, BeanDefinition definition, @Nullable Class<?> type) {
		String id = id(name, definition);
		if (type != null && EndpointFactory.class.isAssignableFrom(type)) {
			found.add(new SupervisedBean(id, name, Kind.FACTORY));
		}
		else if (type != null && Endpoint.class.isAssignableFrom(type)) {
			if (!definition.isPrototype()) {
				throw notRestartable(id, definition, type);
			}
			found.add(new SupervisedBean(id, name,
					takesContext(definition, type) ? Kind.CONTEXTUAL_PROTOTYPE : Kind.PROTOTYPE));
		}
		else {
			throw new UnsupportedBeanException(id, type, resource(definition));
		}
	}

	/**
	 * If the bean exists already and has a JDK proxy, its type is that of the proxy,
	 * which has no annotations.
	 */
	private static @Nullable Class<?> targetClass(BeanDefinition definition, @Nullable Class<?> type) {
		Object original = definition.getAttribute(AutoProxyUtils.ORIGINAL_TARGET_CLASS_ATTRIBUTE);
		return (original instanceof Class<?> target) ? target : type;
	}

	/** Thousands of beans may have one class. */
	private List<SupervisedMethod> methods(@Nullable Class<?> type) {
		return (type != null) ? this.methods.computeIfAbsent(type, SupervisedMethods::of) : List.of();
	}

	/** One method takes the bean's name as its id, of several each adds its own name. */
	private void addMethodsTo(List<SupervisedBean> found, String name, BeanDefinition definition,
			List<SupervisedMethod> methods) {
		for (SupervisedMethod each : methods) {
			if (SCOPES_OF_A_REQUEST.contains(String.valueOf(definition.getScope()))) {
				throw UnsupportedMethodException.ofRequest(each.method(), definition.getScope());
			}
			if (definition.isPrototype()) {
				throw UnsupportedMethodException.ofPrototype(each.method());
			}
			String bean = id(name, definition);
			String id = bean + ((methods.size() > 1) ? "." + each.method().getName() : "");
			boolean taken = found.stream().anyMatch((other) -> other.id().equals(id));
			if (taken || (!id.equals(bean) && this.beanFactory.containsBeanDefinition(id))) {
				throw UnsupportedMethodException.ofTakenId(each.method(), id);
			}
			found.add(new SupervisedBean(id, name, Kind.METHOD, each));
		}
	}

	private static String id(String name, BeanDefinition definition) {
		String id = name.startsWith(SCOPED_TARGET) ? name.substring(SCOPED_TARGET.length()) : name;
		String flaw = EndpointId.flaw(id);
		if (flaw != null) {
			throw new UnaddressableIdException(id, flaw, resource(definition));
		}
		return id;
	}

	private static boolean takesContext(BeanDefinition definition, Class<?> type) {
		return makers(definition, type)
			.anyMatch((maker) -> List.of(maker.getParameterTypes()).contains(EndpointContext.class));
	}

	/**
	 * The factory method of a bean, or else the constructors that Spring may call.
	 */
	static Stream<? extends Executable> makers(BeanDefinition definition, @Nullable Class<?> type) {
		Method method = factoryMethod(definition);
		if (method != null) {
			return Stream.of(method);
		}
		List<Constructor<?>> constructors = (type != null) ? List.of(type.getDeclaredConstructors()) : List.of();
		List<Constructor<?>> chosen = constructors.stream()
			.filter((constructor) -> MergedAnnotations.from(constructor).isPresent(Autowired.class))
			.toList();
		return (chosen.isEmpty() ? constructors : chosen).stream();
	}

	private static @Nullable Method factoryMethod(BeanDefinition definition) {
		return (definition instanceof RootBeanDefinition root) ? root.getResolvedFactoryMethod() : null;
	}

	private static NotRestartableEndpointException notRestartable(String id, BeanDefinition definition, Class<?> type) {
		String scope = StringUtils.hasLength(definition.getScope()) ? definition.getScope()
				: BeanDefinition.SCOPE_SINGLETON;
		return new NotRestartableEndpointException(id, scope, type, resource(definition));
	}

	private static String resource(BeanDefinition definition) {
		return (definition.getResourceDescription() != null)
				? ", defined in " + definition.getResourceDescription() + "," : "";
	}

}
