package dev.cider.broker;

/**
 * Is told what happens to the endpoints of a broker.
 * <p>
 * Every monitor has a mailbox and a thread of its own, named {@code broker-monitor-<n>}.
 * It is told everything in order, never two things at once, and may take its time: it
 * delays neither the endpoints nor the other monitors. When it is told of something,
 * snapshot and history show it already. It may call every {@link BrokerOperations}
 * method. What it throws is logged and otherwise ignored.
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
