package dev.cider.broker;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * A broker served as an endpoint of another one. The first drop inside ends the inner
 * broker and is thrown, so that the outer broker sees a crash and its factory builds a
 * new inner broker.
 */
final class NestedBroker implements Endpoint, InnerBroker {

	private final Broker broker;

	private final FirstDrop firstDrop = new FirstDrop();

	/**
	 * Set by the first of serve and close. No lock: the start of the broker may wait for
	 * memory, and calls {@code getContextClassLoader} of a thread that may be a user's.
	 */
	private final AtomicBoolean begun = new AtomicBoolean();

	private volatile boolean closed;

	NestedBroker(Broker broker) {
		this.broker = broker;
		broker.monitor(this.firstDrop);
	}

	@Override
	public void listenAndServe() throws InterruptedException {
		boolean first = this.begun.compareAndSet(false, true);
		if (!first && this.closed) {
			return;
		}
		try {
			this.broker.listenAndServe();
		}
		catch (InvalidStateException ex) {
			if (this.closed) {
				// The close came between the two steps above.
				return;
			}
			throw ex;
		}
		// Waits for the monitor's last call, not for the broker's end: a drop may be told
		// after the end, but never after the last call.
		this.firstDrop.toldAll.await();
		EndpointCrashReport drop = this.firstDrop.report.get();
		if (drop != null) {
			throw new EndpointDroppedException(drop.factoryId(), drop.decision().explanation(), drop.error());
		}
	}

	@Override
	public void close() {
		this.closed = true;
		if (this.begun.compareAndSet(false, true) || this.broker.closedUnserved()) {
			return;
		}
		this.broker.terminate();
		awaitEnd();
	}

	/**
	 * An interrupt must not end the wait, or inner incarnations that are still closing
	 * would run unseen. It comes only if the application wraps this endpoint. The close
	 * timeouts of the inner endpoints bound the wait.
	 */
	private void awaitEnd() {
		boolean interrupted = false;
		while (true) {
			try {
				this.broker.await();
				break;
			}
			catch (InterruptedException later) {
				interrupted = true;
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	@Override
	public void servedBy(Runnable outside) {
		this.broker.servedBy(outside);
	}

	@Override
	public Inner asInner() {
		return this.broker.asInner();
	}

	@Override
	public Stream<Survivor> survivors(String path) {
		return this.broker.survivors(path);
	}

	@Override
	public boolean isOwn(Thread thread) {
		return this.broker.isOwn(thread);
	}

	@Override
	public void announce() {
		this.broker.announce();
	}

	@Override
	public void awaitedBy(Thread thread) {
		this.broker.awaitedBy(thread);
	}

	@Override
	public void noLongerAwaitedBy(Thread thread) {
		this.broker.noLongerAwaitedBy(thread);
	}

	private final class FirstDrop implements BrokerMonitor {

		private final AtomicReference<@Nullable EndpointCrashReport> report = new AtomicReference<>();

		private final CountDownLatch toldAll = new CountDownLatch(1);

		@Override
		public void crashed(EndpointCrashReport report) {
			if (report.dropped() && this.report.compareAndSet(null, report)) {
				NestedBroker.this.broker.terminate();
			}
		}

		@Override
		public void terminated(Termination termination) {
			this.toldAll.countDown();
		}

	}

}
