package dev.cider.broker.sample.transport;

/**
 * The contract over TCP.
 */
class TcpContractTests extends TransportContract {

	TcpContractTests() {
		super(Transport.TCP);
	}

}
