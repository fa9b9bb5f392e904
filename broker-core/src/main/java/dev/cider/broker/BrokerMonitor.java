package dev.cider.broker;

/**
 * A broker tells its monitors what happens to its endpoints.
 * <p>
 * Every monitor has a mailbox and a thread of its own, named {@code broker-monitor-<n>}.
 * The broker tells it of one event at a time, in order. A slow monitor delays neither the
 * endpoints nor the other monitors. Snapshot and history show an event before a monitor
 * is told of it. It may call every {@link BrokerOperations} method. What it throws is
 * logged and otherwise ignored.
 * <p>
 * The mailbox is bounded: at most 65,536 changes (additions and removals are changes,
 * too) and, counted separately, 65,536 crash reports wait in it. An event for which there
 * is no room is lost. A report of a drop always has room. If the same endpoint is dropped
 * again before the monitor was told, the later report replaces the earlier one, at its
 * own place in the order. {@link #terminated} is never lost. The log says when a monitor
 * begins to lose and how much it has lost, {@link Broker#lost(BrokerMonitor)} counts it,
 * and the totals in the snapshots are exact all the same.
 */
@FunctionalInterface
public interface BrokerMonitor {

	/**
	 * An endpoint has crashed.
	 * @param report the one report of this crash
	 */
	void crashed(EndpointCrashReport report);

	/**
	 * An endpoint's state, or its number of abandoned incarnations, has changed.
	 * @param change the snapshots before and after
	 */
	default void changed(EndpointChange change) {
	}

	/**
	 * An endpoint was added while the broker serves. A monitor is told this before
	 * anything else about the endpoint.
	 * @param endpoint the new endpoint, {@link EndpointState#REGISTERED}
	 */
	default void added(EndpointSnapshot endpoint) {
	}

	/**
	 * An endpoint was removed while the broker serves. A monitor is told nothing about
	 * this endpoint any more. Another one may be added later under the same id.
	 * @param endpoint the endpoint as it was last
	 */
	default void removed(EndpointSnapshot endpoint) {
	}

	/**
	 * The broker has terminated. A monitor is told this last, and exactly once.
	 * @param termination how it ended
	 */
	default void terminated(Termination termination) {
	}

}
