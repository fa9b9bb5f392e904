package dev.cider.broker;

import dev.cider.broker.Signal.Ready;

/**
 * Shows an instance its incarnation, and receives its {@code ready} and
 * {@code heartbeat}. Only the instances of a {@link ContextualEndpointFactory} have one.
 */
final class IncarnationContext implements EndpointContext {

	private final Incarnation incarnation;

	private volatile boolean ready;

	/** The time of the last heartbeat, in nanoseconds and made odd: 0 means none. */
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
	public int instance() {
		return instanceNumber().number();
	}

	@Override
	public int instances() {
		return instanceNumber().total();
	}

	private InstanceNumber instanceNumber() {
		return this.incarnation.supervisor().options().instance();
	}

	@Override
	public void ready() {
		if (!this.ready) {
			CallerStack.requireRoom();
			// Two threads may both pass this check; the machine ignores the second
			// signal. The mark comes last: without memory the caller may call again.
			this.incarnation.supervisor().submit(new Ready(incarnation()));
			this.ready = true;
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
