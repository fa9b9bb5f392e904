package dev.cider.broker.spring;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointSnapshot;

import org.springframework.context.ApplicationEvent;

/**
 * An endpoint was added while the broker serves, see {@link BrokerOperations#add}. It
 * comes before all other events of the endpoint. The source is the
 * {@link BrokerOperations}.
 */
public class EndpointAddedEvent extends ApplicationEvent {

	private static final long serialVersionUID = 1;

	/** The endpoint. */
	private final transient EndpointSnapshot endpoint;

	/**
	 * A new event.
	 * @param source the broker of the endpoint
	 * @param endpoint the endpoint
	 */
	public EndpointAddedEvent(BrokerOperations source, EndpointSnapshot endpoint) {
		super(source);
		this.endpoint = endpoint;
	}

	/**
	 * The new endpoint, not started yet.
	 * @return its snapshot
	 */
	public EndpointSnapshot getEndpoint() {
		return this.endpoint;
	}

}
