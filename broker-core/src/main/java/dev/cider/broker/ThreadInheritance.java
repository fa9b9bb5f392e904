package dev.cider.broker;

import java.security.AccessController;
import java.security.PrivilegedAction;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What a new thread would take from the thread that makes it, and shall not: whoever
 * happens to cause the start of an endpoint has nothing to do with how it runs.
 */
final class ThreadInheritance {

	/**
	 * The JVM's own group for the threads of a program. Any other one may have a lower
	 * limit of priority, handle exceptions in its own way, or be destroyed or interrupted
	 * as a whole by whoever made it. Debuggers hide what is above this one.
	 */
	static final ThreadGroup MAIN_GROUP = mainGroup();

	/** Later JDKs have no such contexts, and some day no {@link AccessController}. */
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
	 * Makes a thread. Up to JDK 23 each refers to the protection domains of all code that
	 * called its constructor, and through them to their class loaders, as long as it
	 * lives. Here only this library called.
	 */
	static <T extends Thread> T withoutCallers(Supplier<T> maker) {
		return HAS_ACCESS_CONTROL_CONTEXT ? Privileged.get(maker) : maker.get();
	}

	/** Apart, so that it is only loaded where it is needed. */
	private static final class Privileged {

		@SuppressWarnings("removal")
		static <T> T get(Supplier<T> maker) {
			return AccessController.doPrivileged((PrivilegedAction<T>) maker::get);
		}

	}

}
