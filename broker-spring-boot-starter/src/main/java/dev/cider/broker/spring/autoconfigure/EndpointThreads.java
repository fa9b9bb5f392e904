package dev.cider.broker.spring.autoconfigure;

import java.util.List;
import java.util.function.UnaryOperator;

import dev.cider.broker.Broker;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.task.TaskDecorator;

/**
 * Decorates the threads of endpoints, if the application wants that.
 */
final class EndpointThreads {

	private final ObjectProvider<TaskDecorator> decorators;

	private final boolean propagateContext;

	/**
	 * New decorators.
	 * @param decorators those that are for endpoints
	 * @param propagateContext whether endpoints have the thread-locals of the thread that
	 * starts the broker; needs Micrometer's context propagation
	 */
	EndpointThreads(ObjectProvider<TaskDecorator> decorators, boolean propagateContext) {
		this.decorators = decorators;
		this.propagateContext = propagateContext;
	}

	/** Called on the thread that starts the broker. */
	void configure(Broker.Builder builder) {
		List<TaskDecorator> all = this.decorators.orderedStream().toList();
		UnaryOperator<Runnable> decorating = (work) -> decorate(all, work);
		if (this.propagateContext) {
			builder.threadDecorator(new PropagatedContext(decorating));
		}
		else if (!all.isEmpty()) {
			builder.threadDecorator(decorating);
		}
	}

	private static Runnable decorate(List<TaskDecorator> decorators, Runnable work) {
		Runnable task = work;
		for (TaskDecorator decorator : decorators) {
			@Nullable Runnable decorated = decorator.decorate(task);
			if (decorated == null) {
				throw new IllegalStateException("The TaskDecorator " + decorator.getClass().getName()
						+ " returned null: it must return a task that runs the given one");
			}
			task = decorated;
		}
		return task;
	}

}
