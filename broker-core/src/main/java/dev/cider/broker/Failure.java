package dev.cider.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * What the broker needs to know of a Throwable. Its methods are user code and may throw,
 * hang or lie, so they are called once, on the thread that caught it, and never again.
 *
 * @param error what was thrown
 * @param type its class name
 * @param message its message, cut to {@value #MESSAGE_LIMIT} characters
 * @param fatal whether starting again is pointless
 * @param fingerprint which kind of crash it is
 */
record Failure(Throwable error, String type, @Nullable String message, boolean fatal, Fingerprint fingerprint) {

	static final int MESSAGE_LIMIT = 1000;

	/** Longer chains do not occur unless they are circular. */
	private static final int CAUSE_LIMIT = 64;

	/**
	 * Reads a Throwable.
	 * @param error what was thrown
	 * @param fatal the policy's predicate, asked about the error and each of its causes
	 * @param predicateThrew receives what the predicate throws; the error then counts as
	 * not fatal
	 */
	static Failure of(Throwable error, Predicate<Throwable> fatal, Consumer<Throwable> predicateThrew) {
		List<Throwable> chain = chain(error);
		return new Failure(error, error.getClass().getName(), message(error), isFatal(chain, fatal, predicateThrew),
				Fingerprint.of(chain));
	}

	/**
	 * A timeout, with the stack of the thread that was too slow. Never fatal.
	 */
	static Failure timeout(String message, List<StackTraceElement> stack) {
		TimeoutException error = new TimeoutException(message);
		error.setStackTrace(stack.toArray(StackTraceElement[]::new));
		return of(error, (any) -> false, (impossible) -> {
		});
	}

	private static List<Throwable> chain(Throwable error) {
		Throwable cause = cause(error);
		if (cause == null) {
			return List.of(error);
		}
		List<Throwable> chain = new ArrayList<>();
		chain.add(error);
		for (Throwable next = cause; next != null && chain.size() < CAUSE_LIMIT; next = cause(next)) {
			chain.add(next);
		}
		return chain;
	}

	/** A getCause that throws ends the chain. */
	private static @Nullable Throwable cause(Throwable error) {
		try {
			return error.getCause();
		}
		catch (Throwable broken) {
			return null;
		}
	}

	private static @Nullable String message(Throwable error) {
		try {
			String message = error.getMessage();
			return (message == null || message.length() <= MESSAGE_LIMIT) ? message
					: message.substring(0, MESSAGE_LIMIT);
		}
		catch (Throwable broken) {
			return "(its getMessage threw " + broken.getClass().getName() + ")";
		}
	}

	private static boolean isFatal(List<Throwable> chain, Predicate<Throwable> fatal,
			Consumer<Throwable> predicateThrew) {
		try {
			for (Throwable error : chain) {
				if (fatal.test(error)) {
					return true;
				}
			}
			return false;
		}
		catch (Throwable broken) {
			predicateThrew.accept(broken);
			return false;
		}
	}

}
