package dev.cider.broker.spring.autoconfigure;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

import dev.cider.broker.BrokerMonitor;
import dev.cider.broker.EndpointCrashReport;
import dev.cider.broker.spring.ApplicationExit;

/**
 * Ends the application at the first drop of an endpoint with {@code on-drop=shutdown}.
 * Watches one broker.
 */
final class ShutdownOnDrop implements BrokerMonitor {

	private final Predicate<String> ids;

	private final ApplicationExit exit;

	private final AtomicBoolean ending = new AtomicBoolean();

	/**
	 * A monitor for one broker.
	 * @param ids the endpoints whose drop ends the application
	 */
	ShutdownOnDrop(Predicate<String> ids, ApplicationExit exit) {
		this.ids = ids;
		this.exit = exit;
	}

	@Override
	public void crashed(EndpointCrashReport report) {
		if (report.dropped() && this.ids.test(report.factoryId()) && this.ending.compareAndSet(false, true)) {
			// On another thread: the exit waits until this monitor's mailbox is empty.
			Thread thread = new Thread(() -> this.exit.exit(report), "broker-exit");
			// Not a daemon: the JVM must not end, with another code, before this thread
			// does.
			thread.setDaemon(false);
			try {
				thread.start();
			}
			catch (OutOfMemoryError noThread) {
				// Here instead: the exit waits for this mailbox for a limited time.
				thread.run();
			}
		}
	}

}
