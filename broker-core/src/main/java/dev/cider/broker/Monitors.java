package dev.cider.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * All who are told what happens: the log, then the monitors in the order in which they
 * were added. Telling never waits and calls no user code.
 */
final class Monitors {

	/** How long anybody waits for a monitor, the log included. */
	private static final Duration PATIENCE = Duration.ofSeconds(1);

	private final LogMonitor log = new LogMonitor();

	// What the log itself throws cannot be logged.
	private final Mailbox logMailbox = new Mailbox((thrown) -> {
	});

	private final List<BrokerMonitor> monitors = new ArrayList<>();

	private final List<Mailbox> mailboxes = new ArrayList<>();

	/**
	 * Adds a monitor. Not after {@link #start}.
	 */
	void add(BrokerMonitor monitor) {
		this.monitors.add(monitor);
		this.mailboxes.add(new Mailbox((thrown) -> note(
				"Monitor " + monitor.getClass().getName() + " threw; it will be told of what comes next", thrown)));
	}

	void start(Threads threads) {
		threads.own("broker-monitor-1", this.logMailbox).start();
		int number = 1;
		for (Mailbox mailbox : this.mailboxes) {
			threads.own("broker-monitor-" + ++number, mailbox).start();
		}
	}

	void tellCrash(EndpointCrashReport report, Failure failure) {
		this.logMailbox.put(() -> this.log.crashed(report, failure));
		tell((monitor) -> monitor.crashed(report));
	}

	void tellChange(EndpointChange change) {
		this.logMailbox.put(() -> this.log.changed(change));
		tell((monitor) -> monitor.changed(change));
	}

	void tellTermination(Termination termination) {
		this.logMailbox.putLast(() -> this.log.terminated(termination));
		for (int i = 0; i < this.monitors.size(); i++) {
			BrokerMonitor monitor = this.monitors.get(i);
			this.mailboxes.get(i).putLast(() -> monitor.terminated(termination));
		}
	}

	/**
	 * Waits, after {@link #tellTermination}, until the log is written: a JVM that ends
	 * right after its broker would otherwise lose the very line that says why.
	 */
	void awaitLog() throws InterruptedException {
		this.logMailbox.awaitEmptied(System.nanoTime() + PATIENCE.toNanos());
	}

	/**
	 * Waits, after {@link #tellTermination}, until all were told all.
	 */
	void awaitAll() throws InterruptedException {
		long deadline = System.nanoTime() + PATIENCE.toNanos();
		this.logMailbox.awaitEmptied(deadline);
		for (Mailbox mailbox : this.mailboxes) {
			mailbox.awaitEmptied(deadline);
		}
	}

	/**
	 * Leaves something in the log that is worth a warning but no crash.
	 */
	void note(String what, Throwable thrown) {
		this.logMailbox.put(() -> this.log.note(what, thrown));
	}

	private void tell(Consumer<BrokerMonitor> call) {
		for (int i = 0; i < this.monitors.size(); i++) {
			BrokerMonitor monitor = this.monitors.get(i);
			this.mailboxes.get(i).put(() -> call.accept(monitor));
		}
	}

}
