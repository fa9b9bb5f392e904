package dev.cider.broker;

/**
 * Is told what happens to the endpoints of a broker.
 * <p>
 * Every monitor has a mailbox and a thread of its own, named {@code broker-monitor-<n>}.
 * It is told everything in order, never two things at once, and may take its time: it
 * delays neither the endpoints nor the other monitors. When it is told of something,
 * snapshot and history show it already. It may call every {@link BrokerOperations}
 * method. What it throws is logged and otherwise ignored.
 * <p>
 * A monitor that does not keep up loses something, or its mailbox would fill the memory:
 * at most 65,536 changes wait for it and, counted apart, 65,536 crash reports; of what
 * comes when there is no room it is not told. A report that an endpoint was given up
 * always has room, but when the same endpoint is given up again before the monitor was
 * told, it is told of the later time only, when that is due: what it is told always comes
 * in the order in which it happened. The end is never lost. The log says when a monitor
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
	 * The broker has terminated. The last thing that a monitor is told, exactly once.
	 * @param termination how it ended
	 */
	default void terminated(Termination termination) {
	}

}
