package dev.cider.broker.spring;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointChange;
import dev.cider.broker.EndpointSnapshot;

import org.springframework.context.ApplicationEvent;

/**
 * An endpoint's state, or its number of abandoned incarnations, has changed. The starter
 * publishes these events in order, on a separate thread. The source is the
 * {@link BrokerOperations}.
 */
public class EndpointStateEvent extends ApplicationEvent {

	private static final long serialVersionUID = 1;

	/** What has changed. */
	private final transient EndpointChange change;

	/**
	 * A new event.
	 * @param source the broker of the endpoint
	 * @param change what has changed
	 */
	public EndpointStateEvent(BrokerOperations source, EndpointChange change) {
		super(source);
		this.change = change;
	}

	/**
	 * The endpoint before the change.
	 * @return the snapshot before
	 */
	public EndpointSnapshot getBefore() {
		return this.change.from();
	}

	/**
	 * The endpoint after the change.
	 * @return the snapshot after
	 */
	public EndpointSnapshot getAfter() {
		return this.change.to();
	}

}
