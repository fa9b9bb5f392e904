package dev.cider.broker.sample.transport;

/**
 * The contract over ZeroMQ.
 */
class ZeroMqContractTests extends TransportContract {

	ZeroMqContractTests() {
		super(Transport.ZEROMQ);
	}

}
