package dev.cider.broker.sample.load;

import java.net.InetSocketAddress;

/**
 * A server on one of the libraries that the transports use, without an exchange. It sends
 * a frame back to where it came from; or, after a first frame like {@code @7c}, to the
 * client that said {@code @7p}, and the other way round.
 */
interface BareServer {

	InetSocketAddress address();

	void stop() throws InterruptedException;

	/**
	 * Who is at the other end of a pair.
	 */
	static String partner(String name) {
		return name.substring(0, name.length() - 1) + (name.endsWith("c") ? 'p' : 'c');
	}

}
