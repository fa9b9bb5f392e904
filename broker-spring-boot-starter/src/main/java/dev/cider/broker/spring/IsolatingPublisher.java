package dev.cider.broker.spring;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.aop.support.AopUtils;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.AbstractApplicationEventMulticaster;
import org.springframework.context.event.ApplicationEventMulticaster;
import org.springframework.context.event.ApplicationListenerMethodAdapter;
import org.springframework.context.event.GenericApplicationListenerAdapter;
import org.springframework.context.event.SimpleApplicationEventMulticaster;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.AnnotationAwareOrderComparator;
import org.springframework.util.ReflectionUtils;

/**
 * Publishes events so that a listener that throws keeps no other listener from them.
 * <p>
 * {@code publishEvent} stops at the first listener that throws, unless the multicaster of
 * the context has an error handler, which would then be one for all events of the
 * application. So this asks the multicaster which listeners an event has and lets it call
 * them one by one: which listeners, in which order, on which executor and with which
 * error handler stays its business. These methods of it are {@code protected}, hence the
 * reflection. A multicaster that multicasts in a way of its own is left to do so.
 */
final class IsolatingPublisher {

	private static final Logger logger = LoggerFactory.getLogger(IsolatingPublisher.class);

	/** Which listeners an event has, in their order. */
	static final @Nullable Method LISTENERS = ReflectionUtils.findMethod(AbstractApplicationEventMulticaster.class,
			"getApplicationListeners", ApplicationEvent.class, ResolvableType.class);

	/** Where listeners run that need not run on the publisher's thread. */
	static final @Nullable Method EXECUTOR = ReflectionUtils.findMethod(SimpleApplicationEventMulticaster.class,
			"getTaskExecutor");

	/** Calls one listener. */
	static final @Nullable Method INVOKE = ReflectionUtils.findMethod(SimpleApplicationEventMulticaster.class,
			"invokeListener", ApplicationListener.class, ApplicationEvent.class);

	private final ApplicationEventPublisher publisher;

	/**
	 * A publisher in front of another one.
	 * @param publisher the application context; another kind of publisher does all by
	 * itself
	 */
	IsolatingPublisher(ApplicationEventPublisher publisher) {
		this.publisher = publisher;
	}

	/**
	 * Tells an event to all its listeners, in this context and in its parents. What they
	 * throw is logged.
	 */
	void publish(ApplicationEvent event) {
		ResolvableType type = ResolvableType.forInstance(event);
		ApplicationEventPublisher next = this.publisher;
		while (next instanceof AbstractApplicationContext context && multicaster(context) != null) {
			multicast(context, event, type);
			next = context.getParent();
		}
		if (next != null) {
			ApplicationEventPublisher rest = next;
			guarded(() -> rest.publishEvent(event), rest, event);
		}
	}

	/**
	 * The multicaster, if the context is refreshed and not yet closed. Makes no bean.
	 */
	private static @Nullable ApplicationEventMulticaster multicaster(AbstractApplicationContext context) {
		Object bean = context.isActive() ? context.getBeanFactory()
			.getSingleton(AbstractApplicationContext.APPLICATION_EVENT_MULTICASTER_BEAN_NAME) : null;
		return (bean instanceof ApplicationEventMulticaster multicaster) ? multicaster : null;
	}

	private static void multicast(AbstractApplicationContext context, ApplicationEvent event, ResolvableType type) {
		ApplicationEventMulticaster multicaster = multicaster(context);
		if (multicaster instanceof SimpleApplicationEventMulticaster simple && callsThemOneByOne(simple)) {
			for (ApplicationListener<?> listener : listeners(context, simple, event, type)) {
				guarded(() -> tell(simple, listener, event), listener, event);
				// An interrupt that a listener has left behind is none of the next one's.
				Thread.interrupted();
			}
		}
		else if (multicaster != null) {
			guarded(() -> multicaster.multicastEvent(event, type), multicaster, event);
		}
	}

	/** Whether it does no more than to call all listeners that it has. */
	private static boolean callsThemOneByOne(SimpleApplicationEventMulticaster multicaster) {
		Method multicast = ReflectionUtils.findMethod(multicaster.getClass(), "multicastEvent", ApplicationEvent.class,
				ResolvableType.class);
		return multicast != null && multicast.getDeclaringClass() == SimpleApplicationEventMulticaster.class
				&& isCallable(LISTENERS) && isCallable(EXECUTOR) && isCallable(INVOKE);
	}

	private static boolean isCallable(@Nullable Method method) {
		return method != null && method.trySetAccessible();
	}

	/**
	 * The listeners of an event. If one of them is a bean that cannot be made, those that
	 * there are.
	 */
	@SuppressWarnings("unchecked")
	private static Collection<ApplicationListener<?>> listeners(AbstractApplicationContext context,
			SimpleApplicationEventMulticaster multicaster, ApplicationEvent event, ResolvableType type) {
		try {
			Collection<ApplicationListener<?>> all = (Collection<ApplicationListener<?>>) call(multicaster, LISTENERS,
					event, type);
			return (all != null) ? all : List.of();
		}
		catch (Throwable thrown) {
			log(() -> logger.warn("A listener of {} could not be made; those that there are will be told",
					event.getClass().getName(), thrown));
			return existingListeners(context, event, type);
		}
	}

	private static List<ApplicationListener<?>> existingListeners(AbstractApplicationContext context,
			ApplicationEvent event, ResolvableType type) {
		List<ApplicationListener<?>> existing = new ArrayList<>(context.getApplicationListeners());
		existing.removeIf((listener) -> {
			GenericApplicationListenerAdapter adapter = new GenericApplicationListenerAdapter(listener);
			return !adapter.supportsEventType(type) || !adapter.supportsSourceType(event.getSource().getClass());
		});
		AnnotationAwareOrderComparator.sort(existing);
		return existing;
	}

	/** As the multicaster does it. */
	private static void tell(SimpleApplicationEventMulticaster multicaster, ApplicationListener<?> listener,
			ApplicationEvent event) throws Throwable {
		Executor executor = (Executor) call(multicaster, EXECUTOR);
		if (executor != null && listener.supportsAsyncExecution()) {
			try {
				executor.execute(() -> guarded(() -> call(multicaster, INVOKE, listener, event), listener, event));
				return;
			}
			catch (RejectedExecutionException full) {
				// Here, then.
			}
		}
		call(multicaster, INVOKE, listener, event);
	}

	private static @Nullable Object call(SimpleApplicationEventMulticaster multicaster, @Nullable Method method,
			Object... arguments) throws Throwable {
		try {
			return Objects.requireNonNull(method).invoke(multicaster, arguments);
		}
		catch (InvocationTargetException thrown) {
			throw (thrown.getCause() != null) ? thrown.getCause() : thrown;
		}
	}

	private static void guarded(Call call, Object called, ApplicationEvent event) {
		try {
			call.run();
		}
		catch (Throwable thrown) {
			log(() -> logger.warn("Listener {} threw when it was told of {}; the others are told all the same",
					nameOf(called), event.getClass().getSimpleName(), thrown));
		}
	}

	/** For want of memory, or of stack, the line may be lost, and not what comes next. */
	private static void log(Runnable line) {
		try {
			line.run();
		}
		catch (Throwable lost) {
			// Nobody to say that to.
		}
	}

	/**
	 * The method of an {@code @EventListener}, or else the class: a {@code toString} may
	 * say anything.
	 */
	private static String nameOf(Object called) {
		return (called instanceof ApplicationListenerMethodAdapter) ? called.toString()
				: AopUtils.getTargetClass(called).getName();
	}

	/**
	 * Something that may throw anything.
	 */
	private interface Call {

		void run() throws Throwable;

	}

}
