package dev.cider.broker.spring;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import dev.cider.broker.BrokerMonitor;
import dev.cider.broker.EndpointChange;
import dev.cider.broker.EndpointCrashReport;
import dev.cider.broker.Termination;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out when all monitors of one broker have been told everything. The broker tells
 * each of them last, and once, that it has terminated; when a monitor is through with
 * that, its mailbox is empty.
 */
final class Mailboxes {

	private static final Logger logger = LoggerFactory.getLogger(Mailboxes.class);

	private final List<CompletableFuture<Void>> emptied = new ArrayList<>();

	/**
	 * Watches a monitor. Before the broker serves only, on one thread.
	 * @return what to register in its place
	 */
	BrokerMonitor watch(BrokerMonitor monitor) {
		CompletableFuture<Void> empty = new CompletableFuture<>();
		this.emptied.add(empty);
		return new Watched(monitor, empty);
	}

	/**
	 * Completes when the last mailbox is empty.
	 */
	CompletableFuture<Void> emptied() {
		return CompletableFuture.allOf(this.emptied.toArray(CompletableFuture[]::new));
	}

	/**
	 * Logs by itself what a monitor throws: the broker would name this class as the
	 * culprit.
	 */
	private record Watched(BrokerMonitor monitor, CompletableFuture<Void> empty) implements BrokerMonitor {

		@Override
		public void crashed(EndpointCrashReport report) {
			guarded(() -> this.monitor.crashed(report));
		}

		@Override
		public void changed(EndpointChange change) {
			guarded(() -> this.monitor.changed(change));
		}

		@Override
		public void terminated(Termination termination) {
			try {
				guarded(() -> this.monitor.terminated(termination));
			}
			finally {
				this.empty.complete(null);
			}
		}

		private void guarded(Runnable telling) {
			try {
				telling.run();
			}
			catch (Throwable thrown) {
				logger.warn("Monitor {} threw; it will be told of what comes next", this.monitor.getClass().getName(),
						thrown);
			}
		}

	}

}
