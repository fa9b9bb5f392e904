package dev.cider.broker.spring;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import dev.cider.broker.BrokerMonitor;
import dev.cider.broker.EndpointChange;
import dev.cider.broker.EndpointCrashReport;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.Termination;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Detects when all monitors of one broker have received all notifications. The last one
 * is {@code terminated}, once per monitor: when a monitor has returned from it, its
 * mailbox is empty.
 */
final class MonitorDrain {

	private static final Logger logger = LoggerFactory.getLogger(MonitorDrain.class);

	private final List<Watched> all = new ArrayList<>();

	/**
	 * Watches a monitor. To be called only before the broker serves, on one thread.
	 * @return the monitor to register in its place
	 */
	BrokerMonitor watch(BrokerMonitor monitor) {
		Watched watched = new Watched(monitor);
		this.all.add(watched);
		return watched;
	}

	/**
	 * Completes when the last mailbox is empty.
	 */
	CompletableFuture<Void> emptied() {
		return CompletableFuture.allOf(this.all.stream().map(Watched::empty).toArray(CompletableFuture[]::new));
	}

	/**
	 * Treats a mailbox as empty if its thread itself waits for the stop, as in a listener
	 * that closes the context.
	 */
	void awaitNoMore(Thread waiting) {
		this.all.stream()
			.filter((watched) -> watched.telling == waiting)
			.forEach((watched) -> watched.empty.complete(null));
	}

	/**
	 * Logs what a monitor throws: the broker would log the name of this class instead of
	 * the monitor's.
	 */
	private static final class Watched implements BrokerMonitor {

		private final BrokerMonitor monitor;

		private final ListenerThrows thrown = new ListenerThrows(System::nanoTime);

		private final CompletableFuture<Void> empty = new CompletableFuture<>();

		/** The mailbox's thread, while it calls the monitor. */
		private volatile @Nullable Thread telling;

		Watched(BrokerMonitor monitor) {
			this.monitor = monitor;
		}

		CompletableFuture<Void> empty() {
			return this.empty;
		}

		@Override
		public void crashed(EndpointCrashReport report) {
			guarded(() -> this.monitor.crashed(report));
		}

		@Override
		public void changed(EndpointChange change) {
			guarded(() -> this.monitor.changed(change));
		}

		@Override
		public void added(EndpointSnapshot endpoint) {
			guarded(() -> this.monitor.added(endpoint));
		}

		@Override
		public void removed(EndpointSnapshot endpoint) {
			guarded(() -> this.monitor.removed(endpoint));
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
			this.telling = Thread.currentThread();
			try {
				telling.run();
			}
			catch (Throwable thrown) {
				log(this.monitor.getClass().getName(), thrown);
			}
			finally {
				this.telling = null;
			}
		}

		private void log(String monitor, Throwable thrown) {
			long again = this.thrown.count(monitor, thrown.getClass());
			if (again == 0) {
				logger.warn("Monitor {} threw; it will be told of what comes next", monitor, thrown);
			}
			else {
				logger.warn("Monitor {} threw {} ({} times since its stack was logged); it will be told of what comes"
						+ " next", monitor, thrown.getClass().getName(), again);
			}
		}

	}

}
