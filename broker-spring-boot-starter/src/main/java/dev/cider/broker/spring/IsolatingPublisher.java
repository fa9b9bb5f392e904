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
 * Publishes each event to all listeners, even if one of them throws.
 * <p>
 * {@code publishEvent} stops at the first listener that throws, unless the multicaster of
 * the context has an error handler, but that would handle all events of the application.
 * So this class asks the multicaster for the listeners of an event and lets it call each
 * of them separately. The multicaster still decides about listeners, their order,
 * executor and error handler. Its methods for this are {@code protected}, so they are
 * called by reflection. A multicaster that overrides {@code multicastEvent} publishes the
 * event itself.
 */
final class IsolatingPublisher {

	private static final Logger logger = LoggerFactory.getLogger(IsolatingPublisher.class);

	/** Returns the listeners of an event, in their order. */
	static final @Nullable Method LISTENERS = ReflectionUtils.findMethod(AbstractApplicationEventMulticaster.class,
			"getApplicationListeners", ApplicationEvent.class, ResolvableType.class);

	/** Returns the executor for listeners that support asynchronous execution. */
	static final @Nullable Method EXECUTOR = ReflectionUtils.findMethod(SimpleApplicationEventMulticaster.class,
			"getTaskExecutor");

	/** Calls one listener. */
	static final @Nullable Method INVOKE = ReflectionUtils.findMethod(SimpleApplicationEventMulticaster.class,
			"invokeListener", ApplicationListener.class, ApplicationEvent.class);

	private final ApplicationEventPublisher publisher;

	private final ListenerThrows thrown = new ListenerThrows(System::nanoTime);

	/**
	 * A publisher in front of another one.
	 * @param publisher the application context; any other publisher gets the events
	 * unchanged
	 */
	IsolatingPublisher(ApplicationEventPublisher publisher) {
		this.publisher = publisher;
	}

	/**
	 * Delivers an event to all its listeners, in this context and in its parents, and
	 * logs what they throw.
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
	 * The multicaster, if the context is refreshed and not yet closed. Creates no bean.
	 */
	private static @Nullable ApplicationEventMulticaster multicaster(AbstractApplicationContext context) {
		Object bean = context.isActive() ? context.getBeanFactory()
			.getSingleton(AbstractApplicationContext.APPLICATION_EVENT_MULTICASTER_BEAN_NAME) : null;
		return (bean instanceof ApplicationEventMulticaster multicaster) ? multicaster : null;
	}

	private void multicast(AbstractApplicationContext context, ApplicationEvent event, ResolvableType type) {
		ApplicationEventMulticaster multicaster = multicaster(context);
		if (multicaster instanceof SimpleApplicationEventMulticaster simple && callsThemOneByOne(simple)) {
			for (ApplicationListener<?> listener : listeners(context, simple, event, type)) {
				guarded(() -> tell(simple, listener, event), listener, event);
				// The next listener must not see an interrupt that this one has left
				// behind.
				Thread.interrupted();
			}
		}
		else if (multicaster != null) {
			guarded(() -> multicaster.multicastEvent(event, type), multicaster, event);
		}
	}

	/** Whether {@code multicastEvent} is Spring's own, which only calls the listeners. */
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
	 * The listeners of an event. If one is a bean that cannot be created, only those that
	 * exist already.
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
			log(() -> logger.warn("A listener of {} could not be created; only those that exist already get the event",
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

	/** Calls a listener as the multicaster does: on its executor, if it has one. */
	private void tell(SimpleApplicationEventMulticaster multicaster, ApplicationListener<?> listener,
			ApplicationEvent event) throws Throwable {
		Executor executor = (Executor) call(multicaster, EXECUTOR);
		if (executor != null && listener.supportsAsyncExecution()) {
			try {
				executor.execute(() -> guarded(() -> call(multicaster, INVOKE, listener, event), listener, event));
				return;
			}
			catch (RejectedExecutionException full) {
				// Call the listener on this thread.
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

	private void guarded(Call call, Object called, ApplicationEvent event) {
		try {
			call.run();
		}
		catch (Throwable thrown) {
			log(() -> logThrown(nameOf(called), event, thrown));
		}
	}

	private void logThrown(String listener, ApplicationEvent event, Throwable thrown) {
		long again = this.thrown.count(listener, thrown.getClass());
		if (again == 0) {
			logger.warn("Listener {} threw when it got {}; the other listeners still get it", listener,
					event.getClass().getSimpleName(), thrown);
		}
		else {
			logger.warn(
					"Listener {} threw {} when it got {} ({} times since its stack was logged); the other listeners"
							+ " still get it",
					listener, thrown.getClass().getName(), event.getClass().getSimpleName(), again);
		}
	}

	/** Without memory or stack the line may be lost, but the next listener is called. */
	private static void log(Runnable line) {
		try {
			line.run();
		}
		catch (Throwable lost) {
			// There is nowhere to report this.
		}
	}

	/**
	 * The method of an {@code @EventListener}, or else the class. Never calls
	 * {@code toString} of a user's class, which may throw.
	 */
	private static String nameOf(Object called) {
		return (called instanceof ApplicationListenerMethodAdapter) ? called.toString()
				: AopUtils.getTargetClass(called).getName();
	}

	/**
	 * A task that may throw any Throwable.
	 */
	private interface Call {

		void run() throws Throwable;

	}

}
