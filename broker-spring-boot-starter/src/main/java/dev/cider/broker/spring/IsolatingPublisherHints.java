package dev.cider.broker.spring;

import java.lang.reflect.Method;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * Makes a native image keep the methods that {@link IsolatingPublisher} calls by
 * reflection.
 */
final class IsolatingPublisherHints implements RuntimeHintsRegistrar {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		register(hints, IsolatingPublisher.LISTENERS, IsolatingPublisher.EXECUTOR, IsolatingPublisher.INVOKE);
	}

	private static void register(RuntimeHints hints, @Nullable Method... methods) {
		Arrays.stream(methods).forEach((method) -> {
			if (method != null) {
				hints.reflection().registerMethod(method, ExecutableMode.INVOKE);
			}
		});
	}

}
