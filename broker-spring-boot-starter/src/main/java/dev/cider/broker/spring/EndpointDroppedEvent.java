package dev.cider.broker.spring;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointCrashReport;

/**
 * An endpoint has crashed, and this crash has dropped it.
 */
public class EndpointDroppedEvent extends EndpointCrashEvent {

	private static final long serialVersionUID = 1;

	/**
	 * A new event.
	 * @param source the broker of the endpoint
	 * @param report the report of the crash
	 */
	public EndpointDroppedEvent(BrokerOperations source, EndpointCrashReport report) {
		super(source, report);
	}

}
