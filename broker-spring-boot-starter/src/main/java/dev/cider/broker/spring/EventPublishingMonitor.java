package dev.cider.broker.spring;

import dev.cider.broker.BrokerMonitor;
import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointChange;
import dev.cider.broker.EndpointCrashReport;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.Termination;

import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationEventPublisher;

/**
 * Publishes the notifications of one broker as application events, until
 * {@link #silence()}. Listeners run on the thread of this monitor's mailbox. What a
 * listener throws is logged; the other listeners still get the event, and the next event
 * is still published.
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
	public void added(EndpointSnapshot endpoint) {
		publish(new EndpointAddedEvent(this.source, endpoint));
	}

	@Override
	public void removed(EndpointSnapshot endpoint) {
		publish(new EndpointRemovedEvent(this.source, endpoint));
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
	 * Publishes no further event: the callbacks of the stop come next, and they may close
	 * the context. A listener that is handling an event may finish.
	 */
	void silence() {
		this.silenced = true;
	}

}
