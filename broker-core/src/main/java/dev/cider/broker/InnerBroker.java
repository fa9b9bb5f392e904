package dev.cider.broker;

import java.util.stream.Stream;

/**
 * A broker that is served as an endpoint, seen from the incarnation that serves it.
 */
interface InnerBroker {

	/**
	 * Called before it serves.
	 * @param outside hears of each change of {@link #asInner()}, on whatever thread it
	 * happens
	 */
	void servedBy(Runnable outside);

	/**
	 * What its incarnation has to know of it.
	 */
	Inner asInner();

	/**
	 * All that has not ended, here and in brokers that are served here.
	 * @param path where this broker is served: ids with a slash after each
	 */
	Stream<Survivor> survivors(String path);

	/**
	 * Whether a thread is one of its own, or of an incarnation in it.
	 */
	boolean isOwn(Thread thread);

	/**
	 * Announces that it will be terminated.
	 */
	void announce();

	/**
	 * Is told that a thread will wait until this broker has terminated.
	 */
	void awaitedBy(Thread thread);

	/**
	 * Is told that a thread waits no more.
	 */
	void noLongerAwaitedBy(Thread thread);

}
