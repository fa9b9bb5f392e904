package dev.cider.broker.spring.autoconfigure;

import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.cider.broker.BrokerMonitor;
import dev.cider.broker.EndpointCrashReport;
import dev.cider.broker.spring.ApplicationExit;

/**
 * Ends the application at the first drop of an endpoint for which that is configured.
 * Watches one broker.
 */
final class ShutdownOnDrop implements BrokerMonitor {

	private final Set<String> ids;

	private final ApplicationExit exit;

	private final AtomicBoolean ending = new AtomicBoolean();

	/**
	 * A monitor for one broker.
	 * @param ids the endpoints whose drop ends the application
	 */
	ShutdownOnDrop(Set<String> ids, ApplicationExit exit) {
		this.ids = ids;
		this.exit = exit;
	}

	@Override
	public void crashed(EndpointCrashReport report) {
		if (report.dropped() && this.ids.contains(report.factoryId()) && this.ending.compareAndSet(false, true)) {
			// The exit waits for this mailbox to become empty.
			Thread thread = new Thread(() -> this.exit.exit(report), "broker-exit");
			// The JVM must not end with another code when the last of the others ends.
			thread.setDaemon(false);
			try {
				thread.start();
			}
			catch (OutOfMemoryError noThread) {
				// The wait for this mailbox is limited.
				thread.run();
			}
		}
	}

}
