package dev.cider.broker.sample;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

import dev.cider.broker.EndpointContext;

/**
 * The context of an incarnation that no broker supervises.
 *
 * @param id the endpoint's id
 * @param readiness is at zero once it is ready
 * @param beats how many heartbeats there were
 */
public record FakeContext(String id, CountDownLatch readiness, AtomicLong beats) implements EndpointContext {

	public FakeContext(String id) {
		this(id, new CountDownLatch(1), new AtomicLong());
	}

	@Override
	public long incarnation() {
		return 1;
	}

	@Override
	public void ready() {
		this.readiness.countDown();
	}

	@Override
	public void heartbeat() {
		this.beats.incrementAndGet();
	}

	@Override
	public boolean closing() {
		return false;
	}

}
