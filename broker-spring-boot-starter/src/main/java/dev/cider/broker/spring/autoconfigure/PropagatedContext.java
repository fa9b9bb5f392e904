package dev.cider.broker.spring.autoconfigure;

import java.util.function.UnaryOperator;

import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;

/**
 * The thread-locals of the thread that starts the broker, as Micrometer's context
 * propagation knows them. The thread that happens to start an endpoint later on, an
 * operator's or the timer's, has nothing to do with how the endpoint runs. A class of its
 * own, so that the JVM loads it only where it is needed.
 */
final class PropagatedContext implements UnaryOperator<Runnable> {

	private final ContextSnapshot snapshot = ContextSnapshotFactory.builder().build().captureAll();

	private final UnaryOperator<Runnable> decorating;

	/**
	 * Captures the thread-locals of the current thread.
	 * @param decorating called while they are set
	 */
	PropagatedContext(UnaryOperator<Runnable> decorating) {
		this.decorating = decorating;
	}

	@Override
	public Runnable apply(Runnable work) {
		return this.snapshot.wrap(() -> this.decorating.apply(work).run());
	}

}
