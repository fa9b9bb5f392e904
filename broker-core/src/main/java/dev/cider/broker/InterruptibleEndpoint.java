package dev.cider.broker;

import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * An endpoint whose serving thread is interrupted to close it.
 */
final class InterruptibleEndpoint implements Endpoint {

	private final Body serve;

	/** Set while the body runs. */
	private volatile @Nullable Thread serving;

	private volatile boolean closed;

	InterruptibleEndpoint(Body serve) {
		this.serve = Objects.requireNonNull(serve, "serve must not be null");
	}

	/**
	 * The serving thread writes {@link #serving} and then reads {@link #closed}; the
	 * closing thread writes and reads them in the other order. So the body is not begun,
	 * or its thread is interrupted. An interrupt that comes when the body has just ended
	 * meets a thread that has nothing left to do.
	 */
	@Override
	public void listenAndServe() throws Exception {
		this.serving = Thread.currentThread();
		try {
			if (!this.closed) {
				this.serve.run();
			}
		}
		finally {
			this.serving = null;
		}
	}

	@Override
	public void close() {
		this.closed = true;
		Thread running = this.serving;
		if (running != null) {
			running.interrupt();
		}
	}

}
