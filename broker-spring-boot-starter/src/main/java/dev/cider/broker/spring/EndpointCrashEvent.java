package dev.cider.broker.spring;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointCrashReport;

import org.springframework.context.ApplicationEvent;

/**
 * An endpoint has crashed. There is one event per crash, unless the listeners did not
 * keep up (see {@link BrokerLifecycle#lostEvents()}); a crash that drops the endpoint
 * gives an {@link EndpointDroppedEvent}. The starter publishes events on a separate
 * thread that no endpoint waits for. The source is the {@link BrokerOperations}.
 */
public class EndpointCrashEvent extends ApplicationEvent {

	private static final long serialVersionUID = 1;

	/** The report of the crash. */
	private final transient EndpointCrashReport report;

	/**
	 * A new event.
	 * @param source the broker of the endpoint
	 * @param report the report of the crash
	 */
	public EndpointCrashEvent(BrokerOperations source, EndpointCrashReport report) {
		super(source);
		this.report = report;
	}

	/**
	 * The crash, with the exception and the broker's decision.
	 * @return the one report of this crash
	 */
	public EndpointCrashReport getReport() {
		return this.report;
	}

}
