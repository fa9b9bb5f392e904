package dev.cider.broker;

import java.util.stream.Stream;

/**
 * A broker that an endpoint serves, seen from the incarnation that serves it.
 */
interface InnerBroker {

	/**
	 * Called before it serves.
	 * @param outside is called after each change of {@link #asInner()}, on the thread
	 * that made the change
	 */
	void servedBy(Runnable outside);

	/**
	 * Its current state, for its incarnation.
	 */
	Inner asInner();

	/**
	 * All incarnations that have not ended, in this broker and in its inner brokers.
	 * @param path where this broker is served: ids with a slash after each
	 */
	Stream<Survivor> survivors(String path);

	/**
	 * Whether a thread belongs to this broker or to one of its incarnations.
	 */
	boolean isOwn(Thread thread);

	/**
	 * Announces that it will be terminated.
	 */
	void announce();

	/**
	 * Called when a thread will wait until this broker has terminated.
	 */
	void awaitedBy(Thread thread);

	/**
	 * Called when that thread no longer waits.
	 */
	void noLongerAwaitedBy(Thread thread);

}
