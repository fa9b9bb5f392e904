package dev.cider.broker;

import java.util.concurrent.locks.LockSupport;

/**
 * The smallest endpoint that blocks: it parks its thread until it is closed or told to
 * crash. All sides serve the same one.
 */
final class Idler implements Endpoint {

	private static final int SERVE = 0;

	private static final int CLOSE = 1;

	private static final int CRASH = 2;

	private final Crowd crowd;

	/** Who serves, from when it is about to idle. */
	private volatile Thread thread;

	private volatile int order = SERVE;

	Idler(Crowd crowd) {
		this.crowd = crowd;
	}

	@Override
	public void listenAndServe() throws Exception {
		if (this.crowd.arrived()) {
			throw this.crowd.crash();
		}
		this.thread = Thread.currentThread();
		while (this.order == SERVE) {
			LockSupport.park();
		}
		if (this.order == CRASH) {
			throw this.crowd.crash();
		}
	}

	@Override
	public void close() {
		give(CLOSE);
	}

	void crash() {
		give(CRASH);
	}

	private void give(int order) {
		this.order = order;
		Thread serving = this.thread;
		if (serving != Thread.currentThread()) {
			LockSupport.unpark(serving);
		}
	}

	boolean isIdle() {
		return this.thread != null && this.order == SERVE;
	}

	String threadName() {
		return this.thread.getName();
	}

}
