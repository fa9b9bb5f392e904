package dev.cider.broker.sample.web;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

import dev.cider.broker.Endpoint;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An endpoint that the page can make crash: this wrapper closes the endpoint, and throws
 * when the endpoint's {@code listenAndServe} returns.
 */
final class CrashableEndpoint implements Endpoint {

	private static final Logger logger = LoggerFactory.getLogger(CrashableEndpoint.class);

	private final Endpoint endpoint;

	private final AtomicReference<@Nullable PageCrashException> cause = new AtomicReference<>();

	private volatile boolean serving;

	/** Makes a second thread that closes wait for the first. */
	private final ReentrantLock closing = new ReentrantLock();

	private boolean closed;

	CrashableEndpoint(Endpoint endpoint) {
		this.endpoint = endpoint;
	}

	@Override
	public void listenAndServe() throws Exception {
		this.serving = true;
		try {
			this.endpoint.listenAndServe();
		}
		finally {
			this.serving = false;
		}
		PageCrashException crash = this.cause.get();
		if (crash != null) {
			throw crash;
		}
	}

	@Override
	public void close() throws Exception {
		this.closing.lockInterruptibly();
		try {
			if (!this.closed) {
				this.closed = true;
				this.endpoint.close();
			}
		}
		finally {
			this.closing.unlock();
		}
	}

	/**
	 * Makes {@code listenAndServe} throw soon; does not wait for that.
	 * @return {@code false} if it was not serving, or another caller has crashed it
	 */
	boolean crash(PageCrashException crash) {
		if (!this.serving || !this.cause.compareAndSet(null, crash)) {
			return false;
		}
		Thread closer = new Thread(this::closeQuietly, "page-crash");
		closer.setDaemon(true);
		closer.start();
		return true;
	}

	private void closeQuietly() {
		try {
			close();
		}
		catch (Exception ex) {
			logger.warn("An endpoint that should crash did not close", ex);
		}
	}

}
