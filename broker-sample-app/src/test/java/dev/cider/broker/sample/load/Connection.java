package dev.cider.broker.sample.load;

/**
 * A client's connection. What comes in goes to its {@link Ear}.
 */
interface Connection {

	/**
	 * Sends a frame, after those of the same thread before it; drops it if the connection
	 * is over. From any thread, and without waiting for an answer.
	 */
	void send(String frame);

	/**
	 * Goes away without a goodbye.
	 */
	void vanish();

	/**
	 * Says goodbye and goes away.
	 */
	void close();

}
