package dev.cider.broker.spring;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointCrashReport;

/**
 * An endpoint has crashed and was given up with this crash.
 */
public class EndpointDroppedEvent extends EndpointCrashEvent {

	private static final long serialVersionUID = 1;

	/**
	 * A new event.
	 * @param source whose endpoint it is
	 * @param report what happened
	 */
	public EndpointDroppedEvent(BrokerOperations source, EndpointCrashReport report) {
		super(source, report);
	}

}
