package dev.cider.broker.sample.exchange;

/**
 * What a transport gives the {@link Exchange} for one client. The exchange calls the
 * methods of one link one after another, never two at once, from whatever thread caused
 * the call, and holds no lock meanwhile. They must return without waiting for the client.
 */
public interface Link {

	/**
	 * Sends a frame to the client, or drops it if the client is gone.
	 * @param frame JSON text without a line break
	 */
	void send(String frame);

	/**
	 * Ends the connection once all that was sent is through. Called only for a client
	 * whose {@linkplain Client#endInput() input has ended}.
	 */
	void close();

	/**
	 * Makes the whole transport crash: its {@code listenAndServe} throws.
	 * @param cause what it is to throw
	 */
	void crash(RequestedCrashException cause);

}
