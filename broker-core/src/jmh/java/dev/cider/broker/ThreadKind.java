package dev.cider.broker;

import java.util.concurrent.ThreadFactory;

/**
 * The kind of thread that endpoints run on. Compiled for a JDK that has no virtual
 * threads yet, so these are found by name.
 */
enum ThreadKind {

	/** One that the JVM schedules. */
	VIRTUAL {

		@Override
		ThreadFactory factory() {
			try {
				Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
				return (ThreadFactory) Class.forName("java.lang.Thread$Builder").getMethod("factory").invoke(builder);
			}
			catch (ReflectiveOperationException old) {
				throw new IllegalStateException("This JVM has no virtual threads: say --platform", old);
			}
		}

		@Override
		Broker.Builder broker() {
			return Broker.builder().threadFactory(factory());
		}

	},

	/** One of the machine's own. */
	PLATFORM {

		@Override
		ThreadFactory factory() {
			return (task) -> {
				Thread thread = new Thread(null, task, "broker", 0, false);
				thread.setDaemon(true);
				return thread;
			};
		}

		@Override
		Broker.Builder broker() {
			return Broker.builder();
		}

	};

	/** Where a floor gets its threads. */
	abstract ThreadFactory factory();

	/** A broker that runs its endpoints on such threads. */
	abstract Broker.Builder broker();

}
