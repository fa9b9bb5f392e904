package dev.cider.broker;

import java.util.concurrent.ThreadFactory;

import org.jspecify.annotations.Nullable;

/**
 * The JDK's own virtual threads, where it has any. They are reached by reflection,
 * because this library is compiled for Java 17.
 */
final class VirtualThreads {

	private static final @Nullable ThreadFactory PLAIN = find();

	private VirtualThreads() {
	}

	/**
	 * Makes virtual threads that inherit no thread-locals; {@code null} if this JVM has
	 * none.
	 */
	static @Nullable ThreadFactory plain() {
		return PLAIN;
	}

	/**
	 * A replacement for a factory of the JDK that makes virtual threads. It makes the
	 * same threads, but they inherit no thread-locals: inheriting would call
	 * {@code InheritableThreadLocal.childValue}, which is user code, and pass a caller's
	 * values on from one incarnation to the next. So any thread may call the replacement.
	 * @param factory the factory to be replaced
	 * @return the replacement, or {@code null} if that factory may run user code
	 */
	static @Nullable ThreadFactory inPlaceOf(@Nullable ThreadFactory factory) {
		boolean same = PLAIN != null && factory != null && PLAIN.getClass() == factory.getClass();
		return same ? PLAIN : null;
	}

	/** {@code Thread.ofVirtual().inheritInheritableThreadLocals(false).factory()}. */
	private static @Nullable ThreadFactory find() {
		try {
			Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
			Class<?> type = Class.forName("java.lang.Thread$Builder");
			type.getMethod("inheritInheritableThreadLocals", boolean.class).invoke(builder, false);
			return (ThreadFactory) type.getMethod("factory").invoke(builder);
		}
		catch (ReflectiveOperationException olderThan21) {
			return null;
		}
	}

}
