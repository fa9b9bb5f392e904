package dev.cider.broker;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

/**
 * Finds out where an incarnation's thread is. Reading the stack of a Thread subclass can
 * run user code, so a helper thread reads it, for a second at most.
 */
final class LiveStack {

	private static final Duration LIMIT = Duration.ofSeconds(1);

	private LiveStack() {
	}

	/**
	 * Reads the stack of the body, or, if that is over, of the close.
	 * @return completes with the stack, innermost call first; empty if it cannot be read
	 * in time
	 */
	static CompletableFuture<List<StackTraceElement>> of(Incarnation incarnation, BrokerServices services) {
		CompletableFuture<List<StackTraceElement>> stack = new CompletableFuture<>();
		Time.Timer limit = null;
		try {
			// Completing may end this broker and notify the outer one: too much for the
			// timer's thread.
			Runnable none = () -> stack.complete(List.of());
			limit = services.time().after(LIMIT, () -> services.signals().executeOrElse(none, none));
			Time.Timer armed = limit;
			services.threads().runOnHelper(() -> {
				List<StackTraceElement> read = read(incarnation);
				// Cancel first: completing may end the broker, and an armed timer would
				// keep its thread.
				armed.cancel();
				stack.complete(read);
			});
		}
		catch (Throwable noThread) {
			if (limit != null) {
				limit.cancel();
			}
			stack.complete(List.of());
		}
		return stack;
	}

	private static List<StackTraceElement> read(Incarnation incarnation) {
		@Nullable Thread running = incarnation.hanging();
		try {
			return (running != null) ? List.of(running.getStackTrace()) : List.of();
		}
		catch (Throwable broken) {
			return List.of();
		}
	}

}
