package dev.cider.broker.sample.transport;

/**
 * The contract over WebSocket.
 */
class WebSocketContractTests extends TransportContract {

	WebSocketContractTests() {
		super(Transport.WEBSOCKET);
	}

}
