package dev.cider.broker.spring;

import org.springframework.context.SmartLifecycle;

/**
 * A bean that does something when its phase is stopped.
 */
public class StoppedInPhase implements SmartLifecycle {

	private final int phase;

	private final Runnable atStop;

	private volatile boolean running;

	public StoppedInPhase(int phase, Runnable atStop) {
		this.phase = phase;
		this.atStop = atStop;
	}

	@Override
	public void start() {
		this.running = true;
	}

	@Override
	public void stop() {
		this.running = false;
		this.atStop.run();
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return this.phase;
	}

}
