package dev.cider.broker.spring;

import dev.cider.broker.BrokerMonitor;
import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointChange;
import dev.cider.broker.EndpointCrashReport;
import dev.cider.broker.Termination;

import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationEventPublisher;

/**
 * Publishes what one broker tells as application events, until it is silenced. Listeners
 * run on the thread of this monitor's mailbox; what one throws is logged, and the other
 * listeners and the next event are none the worse for it.
 */
final class EventPublishingMonitor implements BrokerMonitor {

	private final BrokerOperations source;

	private final IsolatingPublisher publisher;

	/** Set once, by the thread that ends the stop; read before each event. */
	private volatile boolean silenced;

	EventPublishingMonitor(BrokerOperations source, ApplicationEventPublisher publisher) {
		this.source = source;
		this.publisher = new IsolatingPublisher(publisher);
	}

	@Override
	public void crashed(EndpointCrashReport report) {
		publish(report.dropped() ? new EndpointDroppedEvent(this.source, report)
				: new EndpointCrashEvent(this.source, report));
	}

	@Override
	public void changed(EndpointChange change) {
		publish(new EndpointStateEvent(this.source, change));
	}

	@Override
	public void terminated(Termination termination) {
		publish(new BrokerTerminatedEvent(this.source, termination));
	}

	private void publish(ApplicationEvent event) {
		if (!this.silenced) {
			this.publisher.publish(event);
		}
	}

	/**
	 * No further event is published: whoever stopped the broker is about to be called
	 * back and may close the context. A listener that is at work on one may finish.
	 */
	void silence() {
		this.silenced = true;
	}

}
