package dev.cider.broker.sample.load;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

import dev.cider.broker.BrokerOperations;
import dev.cider.broker.EndpointState;
import dev.cider.broker.sample.SampleApplication;
import dev.cider.broker.sample.exchange.Exchange;
import io.netty.util.HashedWheelTimer;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.util.ReflectionTestUtils;

/**
 * The sample, run in this JVM as its main method would, on ports that are free.
 */
final class RunningSample implements AutoCloseable {

	/**
	 * Below those that the system gives to clients: while a transport is down, a client
	 * that connects might get its port otherwise, and even reach itself.
	 */
	private static final int FIRST_PORT = 10_000;

	private static final int LAST_PORT = 32_000;

	private final Map<Carrier, InetSocketAddress> addresses = new EnumMap<>(Carrier.class);

	private final ConfigurableApplicationContext context;

	RunningSample(String... more) {
		List<String> arguments = new ArrayList<>(List.of("--server.port=0",
				"--logging.level.dev.cider.broker.Broker=off", "--logging.level.dev.cider.broker.sample.CrashLog=off",
				"--spring.main.banner-mode=off", "--sample.market.session=1d"));
		arguments.addAll(List.of(more));
		for (Carrier carrier : Carrier.values()) {
			InetSocketAddress address = freeAddress();
			this.addresses.put(carrier, address);
			arguments.add("--sample." + carrier.id() + ".port=" + address.getPort());
		}
		arguments.add("--sample.market.port=" + freeAddress().getPort());
		this.context = new SpringApplication(SampleApplication.class).run(arguments.toArray(String[]::new));
		Waits.until("all serve",
				() -> broker().endpoints().stream().allMatch((each) -> each.state() == EndpointState.SERVING));
	}

	private InetSocketAddress freeAddress() {
		SplittableRandom random = new SplittableRandom();
		while (true) {
			int port = random.nextInt(FIRST_PORT, LAST_PORT);
			InetAddress loopback = InetAddress.getLoopbackAddress();
			try (ServerSocket socket = new ServerSocket(port, 1, loopback)) {
				InetSocketAddress address = new InetSocketAddress(loopback, socket.getLocalPort());
				if (!this.addresses.containsValue(address)) {
					return address;
				}
			}
			catch (IOException ex) {
				// Taken; another one will be free
			}
		}
	}

	Map<Carrier, InetSocketAddress> addresses() {
		return this.addresses;
	}

	BrokerOperations broker() {
		return this.context.getBean(BrokerOperations.class);
	}

	Exchange exchange() {
		return this.context.getBean(Exchange.class);
	}

	/**
	 * Where the page's button goes.
	 */
	URI crash(Carrier carrier) {
		return URI.create("http://127.0.0.1:" + this.context.getEnvironment().getProperty("local.server.port")
				+ "/sample/crash/" + carrier.id());
	}

	/**
	 * How many calls the exchange still remembers: its timer does, until its next tick.
	 * It has no reason to tell anybody but us.
	 */
	long pendingCalls() {
		return ((HashedWheelTimer) ReflectionTestUtils.getField(Exchange.class, "TIMER")).pendingTimeouts();
	}

	@Override
	public void close() {
		this.context.close();
	}

}
