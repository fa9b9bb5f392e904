package dev.cider.broker;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Remembers all that it is told.
 */
class RecordingMonitor implements BrokerMonitor {

	final List<Object> told = new CopyOnWriteArrayList<>();

	final BlockingQueue<EndpointCrashReport> crashes = new LinkedBlockingQueue<>();

	final CountDownLatch terminated = new CountDownLatch(1);

	@Override
	public void crashed(EndpointCrashReport report) {
		this.told.add(report);
		this.crashes.add(report);
	}

	@Override
	public void changed(EndpointChange change) {
		this.told.add(change);
	}

	@Override
	public void terminated(Termination termination) {
		this.told.add(termination);
		this.terminated.countDown();
	}

	EndpointCrashReport nextCrash() {
		return Waiting.next(this.crashes);
	}

	List<EndpointState> statesOf(String id) {
		return this.told.stream()
			.filter((event) -> event instanceof EndpointChange change && change.to().id().equals(id))
			.map((event) -> ((EndpointChange) event).to().state())
			.toList();
	}

}
