package dev.cider.broker.spring.autoconfigure;

import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointContext;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Makes the context of an incarnation injectable into the prototype bean that is created
 * for it. Spring creates the bean on the thread of its incarnation, so a thread-local
 * variable can hold the context.
 */
final class InjectedContext {

	private final ThreadLocal<@Nullable EndpointContext> current = new ThreadLocal<>();

	InjectedContext(ConfigurableListableBeanFactory beanFactory) {
		ObjectFactory<EndpointContext> injected = this::required;
		beanFactory.registerResolvableDependency(EndpointContext.class, injected);
	}

	/**
	 * A factory that creates the prototype bean, with the context injectable meanwhile.
	 */
	ContextualEndpointFactory factory(BeanFactory beanFactory, String beanName) {
		return (context) -> {
			this.current.set(context);
			try {
				return beanFactory.getBean(beanName, Endpoint.class);
			}
			finally {
				this.current.remove();
			}
		};
	}

	private EndpointContext required() {
		EndpointContext context = this.current.get();
		if (context == null) {
			throw new IllegalStateException(
					"No EndpointContext can be injected here: only the constructor or the @Bean method "
							+ "of a prototype-scoped @Supervised Endpoint can have one as a parameter");
		}
		return context;
	}

}
