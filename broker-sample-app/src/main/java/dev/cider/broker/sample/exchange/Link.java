package dev.cider.broker.sample.exchange;

/**
 * The way from the {@link Exchange} to one client, implemented by the transport. The
 * exchange calls the methods of one link one after another, never two at once, on any
 * thread, and holds no lock meanwhile. They must return without waiting for the client.
 */
public interface Link {

	/**
	 * Sends a frame to the client, or drops it if the client is gone.
	 * @param frame JSON text without a line break
	 */
	void send(String frame);

	/**
	 * Ends the connection when all sent frames have gone out. Called only for a client
	 * whose {@linkplain Client#endInput() input has ended}.
	 */
	void close();

	/**
	 * Makes the whole transport crash: its {@code listenAndServe} throws.
	 * @param cause what {@code listenAndServe} throws
	 */
	void crash(RequestedCrashException cause);

}
