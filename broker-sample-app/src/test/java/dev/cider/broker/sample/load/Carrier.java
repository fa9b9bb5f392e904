package dev.cider.broker.sample.load;

import java.util.Locale;

/**
 * The sample's transports, each with clients of another make.
 */
enum Carrier {

	TCP, WEBSOCKET, ZEROMQ;

	/**
	 * The id of the endpoint.
	 */
	String id() {
		return name().toLowerCase(Locale.ROOT);
	}

}
