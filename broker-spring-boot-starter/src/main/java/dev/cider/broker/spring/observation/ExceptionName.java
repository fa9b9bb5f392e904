package dev.cider.broker.spring.observation;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/**
 * The name of an exception as a value of the tag and key {@code exception}.
 */
public final class ExceptionName {

	private ExceptionName() {
	}

	/**
	 * Returns the simple name of the exception's class. An {@link ExecutionException} or
	 * a {@link CompletionException} has the name of its cause, because a future wraps
	 * whatever failed in it. An anonymous class has no simple name, so its full name is
	 * returned.
	 * @param error what was thrown
	 * @return its name, never empty
	 */
	public static String of(Throwable error) {
		Class<?> type = unwrapped(error).getClass();
		String simple = type.getSimpleName();
		return simple.isEmpty() ? type.getName() : simple;
	}

	private static Throwable unwrapped(Throwable error) {
		boolean wrapper = error.getClass() == ExecutionException.class || error.getClass() == CompletionException.class;
		Throwable cause = wrapper ? error.getCause() : null;
		return (cause != null) ? cause : error;
	}

}
