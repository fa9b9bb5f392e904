package dev.cider.broker;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

/**
 * The factory of an endpoint that serves a broker: a new one each time, whose endpoints
 * are as unreliable as those outside.
 */
final class ChaosGroup extends ChaosFactory {

	/** By the incarnation that serves it. */
	private final Map<Long, ChaosBroker> inner = new ConcurrentHashMap<>();

	/** Whether one of its members closes the application. */
	private final boolean shutsDown;

	ChaosGroup(String id, long seed, ChaosBroker broker, boolean contextual, EndpointOptions options,
			boolean shutsDown) {
		super(id, seed, broker, contextual, options);
		this.shutsDown = shutsDown;
	}

	@Override
	Endpoint make(ChaosBooks.Entry entry, @Nullable EndpointContext context, ChaosDice dice) {
		life().chaos().count("group made");
		ChaosBroker group = new ChaosBroker(life(), broker().path() + id() + "/", dice.next(), dice.chance(50),
				dice.chance(30) ? life().threads(dice.next()) : null);
		for (int i = dice.oneOf(1, 1, 2); i > 0; i--) {
			group.register("m" + i);
		}
		if (this.shutsDown) {
			group.register(new ChaosShutdown("s", dice, group));
		}
		if (dice.chance(50)) {
			group.monitor(new ChaosMonitor(group, new ChaosDice(dice.next(), "monitor"), false));
		}
		this.inner.put(entry.number(), group);
		entry.serves(group.broker());
		if (context != null && dice.chance(80)) {
			sayReady(entry, context);
		}
		return group.broker().asEndpoint();
	}

	/** The first drop inside; or an interrupt that was there before it was made. */
	@Override
	boolean mayThrow(long incarnation, Throwable error) {
		ChaosBroker group = this.inner.get(incarnation);
		if (error instanceof EndpointDroppedException drop) {
			return group.broker().endpoint(drop.id()).drops() > 0 && group.broker().state() != BrokerState.SERVING;
		}
		return error instanceof InterruptedException;
	}

	@Override
	Map<Long, ChaosBroker> inner() {
		return this.inner;
	}

}
