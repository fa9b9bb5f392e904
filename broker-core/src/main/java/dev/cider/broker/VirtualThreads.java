package dev.cider.broker;

import java.util.concurrent.ThreadFactory;

import org.jspecify.annotations.Nullable;

/**
 * The JDK's own virtual threads, where it has any. By reflection, for this library is
 * compiled for Java 17.
 */
final class VirtualThreads {

	private static final @Nullable ThreadFactory PLAIN = plain();

	private VirtualThreads() {
	}

	/**
	 * The factory that may be used in place of another one from any thread, because it
	 * runs no user code: if the other one is of the JDK's own that make virtual threads,
	 * one that makes the same but inherits no thread-locals. Inheriting would call
	 * {@code InheritableThreadLocal.childValue}, and keep what a caller had from one
	 * incarnation to the next.
	 * @param factory the factory in whose place it shall be used
	 * @return the factory, or {@code null} if the other one may run user code
	 */
	static @Nullable ThreadFactory inPlaceOf(@Nullable ThreadFactory factory) {
		boolean same = PLAIN != null && factory != null && PLAIN.getClass() == factory.getClass();
		return same ? PLAIN : null;
	}

	/** {@code Thread.ofVirtual().inheritInheritableThreadLocals(false).factory()}. */
	private static @Nullable ThreadFactory plain() {
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
