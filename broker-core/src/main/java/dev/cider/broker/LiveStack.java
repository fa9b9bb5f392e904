package dev.cider.broker;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

/**
 * Finds out where an incarnation's thread is. Reading that can run user code, that of a
 * Thread subclass, so it is done on a helper thread, and not waited for longer than a
 * second.
 */
final class LiveStack {

	private static final Duration LIMIT = Duration.ofSeconds(1);

	private LiveStack() {
	}

	/**
	 * Reads the stack of the body, or, if that is over, of the close.
	 * @return completes with the stack, innermost call first; empty if there is none to
	 * be had
	 */
	static CompletableFuture<List<StackTraceElement>> of(Incarnation incarnation, BrokerServices services) {
		CompletableFuture<List<StackTraceElement>> stack = new CompletableFuture<>();
		Time.Timer limit = null;
		try {
			// What follows may be the end of a broker, and news for the one around it.
			Runnable none = () -> stack.complete(List.of());
			limit = services.time().after(LIMIT, () -> services.signals().executeOrElse(none, none));
			Time.Timer armed = limit;
			services.threads().runOnHelper(() -> {
				// First, or the timer's thread might stay for it after the end.
				List<StackTraceElement> read = read(incarnation);
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
