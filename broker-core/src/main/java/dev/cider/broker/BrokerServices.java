package dev.cider.broker;

import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * What the supervisors of one broker share.
 *
 * @param time the clock and the timer
 * @param threads makes the threads
 * @param signals the thread that processes the signals which callers and the timer leave
 * @param monitors the log monitor and the application's monitors
 * @param seen every instance that any factory returned
 * @param servingReferences counts the reasons for the broker to go on
 * @param keepAlive counts the reasons to keep the JVM alive
 * @param endAwaiters the threads that wait for the broker to terminate
 * @param historySize how many crashes each endpoint remembers
 * @param endpointIsOver called once per endpoint, with its id, when it was terminated and
 * no thread of it runs any more, except for abandoned incarnations; after the endpoint
 * shows this
 * @param abandonedChanged called with the change in the number of abandoned incarnations
 * @param desk admits the endpoints whose launches must be admitted
 */
record BrokerServices(Time time, Threads threads, SignalThread signals, Monitors monitors, SeenInstances seen,
		ServingReferences servingReferences, KeepAlive keepAlive, EndAwaiters endAwaiters, int historySize,
		Consumer<String> endpointIsOver, IntConsumer abandonedChanged, AdmissionDesk desk) {

	/**
	 * Counts one more reason to keep the JVM alive. If the keep-alive thread cannot start
	 * now, tries again later. Without memory even for that, gives up silently: the caller
	 * may be about to end the broker, and must go on.
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
				// The reason is counted; only the thread is missing.
			}
		}
	}

	private void keepUpLater() {
		this.time.after(Shortage.PAUSE, () -> {
			try {
				this.keepAlive.hold();
			}
			catch (Throwable noThread) {
				keepUpLater();
			}
		});
	}

}
