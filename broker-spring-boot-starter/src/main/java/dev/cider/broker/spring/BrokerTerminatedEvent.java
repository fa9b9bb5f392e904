package dev.cider.broker.spring;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.Termination;

import org.springframework.context.ApplicationEvent;

/**
 * The broker has terminated: the last event of this broker. A context that is started
 * again has a new broker. The source is the {@link BrokerOperations}.
 */
public class BrokerTerminatedEvent extends ApplicationEvent {

	private static final long serialVersionUID = 1;

	/** How the broker ended. */
	private final transient Termination termination;

	/**
	 * A new event.
	 * @param source the broker that has terminated
	 * @param termination how the broker ended
	 */
	public BrokerTerminatedEvent(BrokerOperations source, Termination termination) {
		super(source);
		this.termination = termination;
	}

	/**
	 * How the broker ended.
	 * @return which incarnations did not end in time
	 */
	public Termination getTermination() {
		return this.termination;
	}

}
