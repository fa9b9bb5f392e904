package dev.cider.broker.spring.autoconfigure;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointContext;
import dev.cider.broker.EndpointFactory;

import org.springframework.aop.support.AopUtils;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.util.ReflectionUtils;

/**
 * A method of a bean that is supervised: each incarnation is one call. To close it is to
 * interrupt the thread of the call.
 *
 * @param method the method, as the class of the bean declares it
 */
record SupervisedMethod(Method method) {

	/** With such an annotation Spring runs the method on a thread of its own. */
	private static final List<String> OTHER_CALLERS = List.of("org.springframework.scheduling.annotation.Async",
			"org.springframework.scheduling.annotation.Scheduled",
			"org.springframework.scheduling.annotation.Schedules");

	private static final List<String> TRANSACTIONAL = List
		.of("org.springframework.transaction.annotation.Transactional", "jakarta.transaction.Transactional");

	/** With such a propagation the call gets no transaction of its own. */
	private static final Set<String> WITHOUT_TRANSACTION = Set.of("NOT_SUPPORTED", "NEVER", "SUPPORTS");

	boolean takesContext() {
		return this.method.getParameterCount() > 0;
	}

	/**
	 * A factory whose endpoints call the method.
	 * @param bean called once per incarnation, on its thread
	 */
	EndpointFactory factory(Supplier<Object> bean) {
		if (takesContext()) {
			ContextualEndpointFactory contextual = (context) -> endpoint(bean.get(), context);
			return contextual;
		}
		return () -> endpoint(bean.get());
	}

	private Endpoint endpoint(Object bean, Object... arguments) {
		Method invocable = invocable(bean);
		return Endpoint.interruptible(() -> call(invocable, bean, arguments));
	}

	/**
	 * The method by which the bean is called, which may be a proxy.
	 * @throws UnsupportedMethodException if the proxy does not have the method
	 */
	Method invocable(Object bean) {
		if (AopUtils.isCglibProxy(bean) && Modifier.isFinal(this.method.getModifiers())) {
			throw UnsupportedMethodException.ofFinal(this.method, bean.getClass());
		}
		try {
			Method invocable = AopUtils.selectInvocableMethod(this.method, bean.getClass());
			ReflectionUtils.makeAccessible(invocable);
			return invocable;
		}
		catch (IllegalStateException ex) {
			throw UnsupportedMethodException.ofProxy(this.method, bean.getClass(), ex);
		}
	}

	private static void call(Method method, Object bean, Object... arguments) throws Exception {
		try {
			method.invoke(bean, arguments);
		}
		catch (InvocationTargetException ex) {
			Throwable thrown = ex.getTargetException();
			if (thrown instanceof Exception exception) {
				throw exception;
			}
			if (thrown instanceof Error error) {
				throw error;
			}
			throw new UndeclaredThrowableException(thrown);
		}
	}

	/**
	 * Checks whether a method can be supervised.
	 * @throws UnsupportedMethodException if it cannot
	 */
	static SupervisedMethod of(Method method) {
		if (Modifier.isStatic(method.getModifiers())) {
			throw UnsupportedMethodException.ofDeclaration(method, "is static");
		}
		if (method.getReturnType() != void.class) {
			throw UnsupportedMethodException.ofDeclaration(method, "returns " + method.getReturnType().getTypeName());
		}
		Class<?>[] parameters = method.getParameterTypes();
		if (parameters.length > 1 || (parameters.length == 1 && parameters[0] != EndpointContext.class)) {
			throw UnsupportedMethodException.ofDeclaration(method, "has other parameters");
		}
		for (String other : OTHER_CALLERS) {
			if (isAnnotated(method, other)) {
				throw UnsupportedMethodException.ofOtherCaller(method, other.substring(other.lastIndexOf('.') + 1));
			}
		}
		return new SupervisedMethod(method);
	}

	/**
	 * Whether each call gets one transaction, if the bean has a proxy. The annotation of
	 * the method takes precedence over that of its class.
	 */
	boolean isTransactional() {
		return Stream.of(this.method, this.method.getDeclaringClass())
			.map((element) -> MergedAnnotations.from(element, SearchStrategy.TYPE_HIERARCHY))
			.flatMap((annotations) -> TRANSACTIONAL.stream().map(annotations::get))
			.filter(MergedAnnotation::isPresent)
			.findFirst()
			.filter((annotation) -> Stream.of("propagation", "value")
				.map(annotation::getValue)
				.flatMap(Optional::stream)
				.map(Object::toString)
				.noneMatch(WITHOUT_TRANSACTION::contains))
			.isPresent();
	}

	/** An annotation of the class holds for all of its methods. */
	private static boolean isAnnotated(Method method, String annotation) {
		return MergedAnnotations.from(method, SearchStrategy.TYPE_HIERARCHY).isPresent(annotation)
				|| MergedAnnotations.from(method.getDeclaringClass(), SearchStrategy.TYPE_HIERARCHY)
					.isPresent(annotation);
	}

}
