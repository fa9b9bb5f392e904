package dev.cider.broker.sample.transport;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.cider.broker.CrashPhase;
import dev.cider.broker.sample.exchange.Client;
import dev.cider.broker.sample.exchange.Link;
import dev.cider.broker.sample.exchange.RequestedCrashException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A loop that hangs is noticed by its missing heartbeat.
 */
@Timeout(300)
class HungLoopTests {

	@ParameterizedTest
	@EnumSource(Transport.class)
	void aLoopThatHangsIsACrashOfItsOwnTransportAlone(Transport transport) throws Exception {
		CountDownLatch mayGoOn = new CountDownLatch(1);
		try (Network network = new Network(Duration.ofSeconds(3)); Peer peer = network.connect(transport)) {
			Client trap = network.exchange().attach(new Trap(mayGoOn));
			trap.receive("{\"jsonrpc\":\"2.0\",\"method\":\"rpc.register\",\"params\":[\"trap\"]}");
			peer.tell("trap", "[]");
			try {
				Awaitility.await().atMost(20, TimeUnit.SECONDS).until(() -> network.state(transport).crashes() == 1);
				assertThat(network.state(transport).lastCrash().phase()).isEqualTo(CrashPhase.HANG);
			}
			finally {
				mayGoOn.countDown();
			}
			network.awaitServing(transport, 2);
			for (Transport each : Transport.values()) {
				network.connect(each).close();
				assertThat(network.state(each).crashes()).isEqualTo((each == transport) ? 1 : 0);
			}
		}
	}

	/**
	 * A link that breaks the rule that it must not wait.
	 */
	private record Trap(CountDownLatch mayGoOn) implements Link {

		@Override
		public void send(String frame) {
			try {
				this.mayGoOn.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}

		@Override
		public void close() {
		}

		@Override
		public void crash(RequestedCrashException cause) {
		}

	}

}
