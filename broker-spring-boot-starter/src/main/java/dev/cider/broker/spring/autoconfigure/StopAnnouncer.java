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
 * Tells the broker that its context closes or pauses, before any other bean learns of it.
 * Executors and schedulers reject work from then on, long before the broker's own phase.
 * An exception that an endpoint throws for this reason must not count as a crash.
 * <p>
 * The announcer learns of a close by the event, as the first listener. For a pause or a
 * stop, Spring publishes the event only after all beans have stopped. So the announcer is
 * also a lifecycle bean in the phase that stops first. As it depends on the lifecycle of
 * the broker, Spring stops it before that one in any phase.
 * <p>
 * The thread that closes, pauses or stops the context waits for the broker in the
 * broker's phase, at most for the timeout of the phase. The wait is over when the context
 * destroys its beans, or publishes that it has stopped or paused. The announcer declares
 * no other thread as waiting.
 */
final class StopAnnouncer
		implements ApplicationListener<ApplicationContextEvent>, PriorityOrdered, SmartLifecycle, DisposableBean {

	private static final Logger logger = LoggerFactory.getLogger(StopAnnouncer.class);

	private final ApplicationContext context;

	private final BrokerLifecycle broker;

	private volatile boolean running;

	/**
	 * The waiting thread that the announcer has declared, if no other code had declared
	 * it.
	 */
	private volatile @Nullable Thread declared;

	StopAnnouncer(ApplicationContext context, BrokerLifecycle broker) {
		this.context = context;
		this.broker = broker;
	}

	/** Ignores the events of child contexts, which Spring publishes here too. */
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

	/** On an executor, other listeners might learn of the close before. */
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

	/** Throws nothing: the context must close in any case. */
	private void announce() {
		try {
			Thread current = Thread.currentThread();
			if (this.broker.awaitedBy(current)) {
				this.declared = current;
			}
			this.broker.announceStop();
		}
		catch (Throwable ex) {
			logger.warn("Could not announce the stop to the broker; until it is stopped, exceptions of its"
					+ " endpoints count as crashes", ex);
		}
	}

}
