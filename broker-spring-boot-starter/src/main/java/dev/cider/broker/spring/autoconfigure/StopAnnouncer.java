package dev.cider.broker.spring.autoconfigure;

import dev.cider.broker.spring.BrokerLifecycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ApplicationContextEvent;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.ContextPausedEvent;
import org.springframework.context.event.ContextStoppedEvent;
import org.springframework.core.PriorityOrdered;

/**
 * Tells the broker first of all that its context closes or pauses. Executors and
 * schedulers reject work from then on, which is long before the broker's own phase: what
 * an endpoint throws for that must not be taken for a crash.
 * <p>
 * A close is heard of as an event, before all other listeners. A pause or a stop
 * publishes its event when all is over, so it is heard of in the phase that stops first.
 * To depend on the lifecycle is to be stopped before it, whatever its phase.
 * <p>
 * The thread that is heard of waits for the broker in its phase, as long as the phase may
 * take. That wait has returned when the context destroys its beans, or tells that it has
 * stopped or paused. Another thread that announces a stop of the broker, or asks for one,
 * does not wait as far as this class knows.
 */
final class StopAnnouncer
		implements ApplicationListener<ApplicationContextEvent>, PriorityOrdered, SmartLifecycle, DisposableBean {

	private static final Logger logger = LoggerFactory.getLogger(StopAnnouncer.class);

	private final ApplicationContext context;

	private final BrokerLifecycle broker;

	private volatile boolean running;

	/** The thread of which this has said that it waits; another may say so by itself. */
	private volatile @Nullable Thread declared;

	StopAnnouncer(ApplicationContext context, BrokerLifecycle broker) {
		this.context = context;
		this.broker = broker;
	}

	/** The events of a child context come here too. */
	@Override
	public void onApplicationEvent(ApplicationContextEvent event) {
		if (event.getApplicationContext() != this.context) {
			return;
		}
		if (event instanceof ContextClosedEvent) {
			announce();
		}
		else if (event instanceof ContextStoppedEvent || event instanceof ContextPausedEvent) {
			destroy();
		}
	}

	@Override
	public void destroy() {
		Thread current = Thread.currentThread();
		if (this.declared == current) {
			this.declared = null;
			this.broker.noLongerAwaitedBy(current);
		}
	}

	/** An executor would run it when others have heard of the close already. */
	@Override
	public boolean supportsAsyncExecution() {
		return false;
	}

	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE;
	}

	@Override
	public void start() {
		this.running = true;
	}

	@Override
	public void stop() {
		announce();
		this.running = false;
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return DEFAULT_PHASE;
	}

	/** The context must close all the same. */
	private void announce() {
		try {
			Thread current = Thread.currentThread();
			if (this.broker.awaitedBy(current)) {
				this.declared = current;
			}
			this.broker.announceStop();
		}
		catch (Throwable ex) {
			logger.warn("Could not tell the broker that it will be stopped; what its endpoints throw until then"
					+ " counts as crashes", ex);
		}
	}

}
