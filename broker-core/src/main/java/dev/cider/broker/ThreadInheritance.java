package dev.cider.broker;

import java.security.AccessController;
import java.security.PrivilegedAction;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Keeps a new thread from inheriting from the thread that makes it: the thread that
 * happens to cause the start of an endpoint has nothing to do with how the endpoint runs.
 */
final class ThreadInheritance {

	/**
	 * The JVM's own group for the threads of a program. Another group may limit the
	 * priority, handle exceptions in its own way, or be destroyed or interrupted as a
	 * whole by its owner. Debuggers hide the groups above this one.
	 */
	static final ThreadGroup MAIN_GROUP = mainGroup();

	/** JDK 24 has no such contexts, a later one perhaps no {@link AccessController}. */
	private static final boolean HAS_ACCESS_CONTROL_CONTEXT = Runtime.version().feature() < 24;

	private ThreadInheritance() {
	}

	private static ThreadGroup mainGroup() {
		ThreadGroup root = Thread.currentThread().getThreadGroup();
		for (ThreadGroup parent = root.getParent(); parent != null; parent = root.getParent()) {
			root = parent;
		}
		ThreadGroup[] belowRoot = new ThreadGroup[root.activeGroupCount() + 8];
		int count = root.enumerate(belowRoot, false);
		return Stream.of(belowRoot)
			.limit(count)
			.filter((group) -> group.getName().equals("main"))
			.findFirst()
			.orElse(root);
	}

	/**
	 * Makes a thread. Up to JDK 23 a thread refers, as long as it lives, to the
	 * protection domains of all callers of its constructor, and so to their class
	 * loaders. Here this library is the only caller.
	 */
	static <T extends Thread> T withoutCallers(Supplier<T> maker) {
		return HAS_ACCESS_CONTROL_CONTEXT ? Privileged.get(maker) : maker.get();
	}

	/** A class of its own, so that the JVM loads it only where it is needed. */
	private static final class Privileged {

		@SuppressWarnings("removal")
		static <T> T get(Supplier<T> maker) {
			return AccessController.doPrivileged((PrivilegedAction<T>) maker::get);
		}

	}

}
