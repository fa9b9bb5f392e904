package app;

import java.util.concurrent.atomic.AtomicInteger;

import dev.cider.broker.Endpoint;
import dev.cider.broker.EndpointFactory;

import org.springframework.beans.factory.DisposableBean;

/**
 * Of no use any more when it was destroyed.
 */
class RatesFactory implements EndpointFactory, DisposableBean {

	private static final AtomicInteger COUNT = new AtomicInteger();

	private final int number = COUNT.incrementAndGet();

	private volatile boolean destroyed;

	@Override
	public Endpoint create() {
		if (this.destroyed) {
			throw new IllegalStateException("factory " + this.number + " is used after its scope destroyed it");
		}
		return new Feed(false);
	}

	@Override
	public void destroy() {
		this.destroyed = true;
	}

}
