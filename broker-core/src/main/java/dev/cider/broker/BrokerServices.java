package dev.cider.broker;

import java.util.function.IntConsumer;

/**
 * What the supervisors of one broker share.
 *
 * @param time the clock and the timer
 * @param threads makes the threads
 * @param signals goes on where callers stop, and works on what the timer leaves
 * @param monitors all who are told
 * @param seen every instance that any factory returned
 * @param servingReferences the reasons for which the broker goes on
 * @param keepAlive the reasons for which the JVM stays up
 * @param endAwaiters who waits for the broker to end
 * @param historySize how many crashes each endpoint remembers
 * @param endpointIsOver is called once per endpoint, when the broker terminates and
 * nothing of it runs any more
 * @param abandonedChanged is told by how much the number of abandoned incarnations has
 * changed
 */
record BrokerServices(Time time, Threads threads, SignalThread signals, Monitors monitors, SeenInstances seen,
		ServingReferences servingReferences, KeepAlive keepAlive, EndAwaiters endAwaiters, int historySize,
		Runnable endpointIsOver, IntConsumer abandonedChanged) {

	/**
	 * One more reason to keep the JVM up, also if there is no thread for it now. Without
	 * memory to try again there is none later either; but what the caller does next, to
	 * end the broker perhaps, must be done.
	 */
	void keepUp() {
		try {
			this.keepAlive.enter();
		}
		catch (Throwable noThread) {
			try {
				keepUpLater();
			}
			catch (Throwable noMemory) {
				// The reason is counted.
			}
		}
	}

	private void keepUpLater() {
		this.time.after(Time.SHORTAGE_PAUSE, () -> {
			try {
				this.keepAlive.hold();
			}
			catch (Throwable noThread) {
				keepUpLater();
			}
		});
	}

}
