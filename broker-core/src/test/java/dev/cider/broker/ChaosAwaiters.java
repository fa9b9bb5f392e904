package dev.cider.broker;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/**
 * The threads that close the application in one life: each waits for a broker, which may
 * be waiting for it.
 */
final class ChaosAwaiters {

	private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

	/**
	 * Does what a thread does that closes the application: declares that it waits for a
	 * broker, terminates that broker, and waits for its end through all interrupts.
	 * @param mayBeInterrupted asked when the broker knows that it is waited for; an
	 * interrupt may have been ordered before
	 * @return whether it was interrupted meanwhile though it may not be
	 */
	boolean terminateAndWait(ChaosBroker closed, BooleanSupplier mayBeInterrupted) {
		Broker broker = closed.broker();
		if (broker.state() == BrokerState.INITIALISED) {
			return false;
		}
		Thread.interrupted();
		this.threads.add(Thread.currentThread());
		broker.awaitedBy(Thread.currentThread());
		boolean tolerated = mayBeInterrupted.getAsBoolean();
		broker.terminate();
		closed.saysStop();
		boolean[] interrupted = new boolean[1];
		Poll.until("the broker to terminate that a thread waits for (G10)", () -> {
			interrupted[0] |= Thread.interrupted();
			return broker.state() == BrokerState.TERMINATED;
		});
		return interrupted[0] && !tolerated;
	}

	/** Whether this thread is one of them: nobody interrupts it any more. */
	boolean includeThisThread() {
		return this.threads.contains(Thread.currentThread());
	}

}
