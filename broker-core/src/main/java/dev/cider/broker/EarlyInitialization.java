package dev.cider.broker;

import java.lang.invoke.MethodHandles;
import java.time.Duration;
import java.util.List;

import dev.cider.broker.restart.RestartPolicy;

/**
 * Initialises classes while there is memory. If the first crash, timeout or end in the
 * JVM did it when there is none, the OutOfMemoryError would make such a class unusable
 * for ever.
 */
final class EarlyInitialization {

	/** Those that have static state and that no start needs. */
	private static final List<Class<?>> NEEDED_LATER = List.of(AbandonedIncarnations.class, AfterClose.class,
			CloseTask.class, CrashPhase.class, ExitTotals.class, Fingerprint.class, Incarnation.Verdict.class,
			Inner.class, KeepAlive.class, LiveStack.class, LogMonitor.class, Monitors.class, Notification.Kind.class,
			Progress.class, Progress.Stage.class, Progress.Close.class, Shortage.class, Signal.StopThen.class,
			StepBuilder.class, SignalHandler.class, SignalThread.class, Threads.class, VirtualThreads.class);

	private EarlyInitialization() {
	}

	/** To find the subclasses loads them, which takes memory too. */
	private static void load(Class<?> type) {
		Class<?>[] permitted = type.getPermittedSubclasses();
		if (permitted != null) {
			for (Class<?> each : permitted) {
				load(each);
			}
		}
	}

	/**
	 * Initialises all classes that a crash, a timeout or the end of a broker needs.
	 */
	static void run() {
		MethodHandles.Lookup lookup = MethodHandles.lookup();
		for (Class<?> type : NEEDED_LATER) {
			try {
				lookup.ensureInitialized(type);
			}
			catch (IllegalAccessException notOurs) {
				throw new ExceptionInInitializerError(notOurs);
			}
		}
		load(Signal.class);
		load(Action.class);
		// These also fill the shared values.
		Action.launch(0);
		Action.serve(0);
		Action.close(0);
		Signal.created(0);
		Signal.closed(0);
		Failure.timeout("", List.of());
		RestartPolicy.defaults().afterCrash(Duration.ZERO, 0, false, 0);
		new CrashHistory(1);
	}

}
