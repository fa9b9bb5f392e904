package dev.cider.broker.spring;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointCrashReport;

import org.springframework.context.ApplicationEvent;

/**
 * An endpoint has crashed. There is one event per crash, unless the listeners did not
 * keep up (see {@link BrokerLifecycle#lostEvents()}); the last one before the endpoint is
 * given up is an {@link EndpointDroppedEvent}. Published on a thread of its own that no
 * endpoint waits for; the source is the {@link BrokerOperations}.
 */
public class EndpointCrashEvent extends ApplicationEvent {

	private static final long serialVersionUID = 1;

	/** What happened. */
	private final transient EndpointCrashReport report;

	/**
	 * A new event.
	 * @param source whose endpoint it is
	 * @param report what happened
	 */
	public EndpointCrashEvent(BrokerOperations source, EndpointCrashReport report) {
		super(source);
		this.report = report;
	}

	/**
	 * What happened, with the exception, and what the broker does about it.
	 * @return the one report of this crash
	 */
	public EndpointCrashReport getReport() {
		return this.report;
	}

}
