package dev.cider.broker;

import dev.cider.broker.Signal.Ready;

/**
 * What an instance may know and say of its incarnation. Only those that a
 * {@link ContextualEndpointFactory} makes have one.
 */
final class IncarnationContext implements EndpointContext {

	private final Incarnation incarnation;

	private volatile boolean ready;

	/** When it said that it is alive; 0 if it never did. */
	private volatile long heartbeat;

	IncarnationContext(Incarnation incarnation) {
		this.incarnation = incarnation;
	}

	@Override
	public String id() {
		return this.incarnation.id();
	}

	@Override
	public long incarnation() {
		return this.incarnation.incarnation();
	}

	@Override
	public void ready() {
		if (!this.ready) {
			CallerStack.requireRoom();
			// Two threads may both come here; the second signal means nothing.
			this.ready = true;
			this.incarnation.supervisor().submit(new Ready(incarnation()));
		}
	}

	@Override
	public void heartbeat() {
		this.heartbeat = this.incarnation.supervisor().nanos() | 1;
	}

	long lastHeartbeat() {
		return this.heartbeat;
	}

	@Override
	public boolean closing() {
		return this.incarnation.closing();
	}

}
