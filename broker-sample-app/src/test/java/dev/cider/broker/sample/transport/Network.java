package dev.cider.broker.sample.transport;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import dev.cider.broker.Broker;
import dev.cider.broker.ContextualEndpointFactory;
import dev.cider.broker.EndpointOptions;
import dev.cider.broker.EndpointSnapshot;
import dev.cider.broker.EndpointState;
import dev.cider.broker.restart.Backoff;
import dev.cider.broker.restart.RestartPolicy;
import dev.cider.broker.sample.exchange.Exchange;
import org.awaitility.Awaitility;

/**
 * One exchange and all transports around it, supervised as in the sample.
 */
class Network implements AutoCloseable {

	private static final Duration LIMIT = Duration.ofMinutes(4);

	private final Exchange exchange = new Exchange(Clock.systemUTC(), true);

	private final Broker broker = Broker.create();

	private final Map<Transport, Transport.Instance> current = new ConcurrentHashMap<>();

	/** Where each transport listened first, so that the next incarnation does, too. */
	private final Map<Transport, InetSocketAddress> addresses = new EnumMap<>(Transport.class);

	Network() throws Exception {
		this(Duration.ofSeconds(30));
	}

	Network(Duration heartbeatTimeout) throws Exception {
		EndpointOptions options = EndpointOptions.builder()
			.restartPolicy(RestartPolicy.builder()
				.allowedConsecutiveErrors(RestartPolicy.UNLIMITED)
				.backoff(Backoff.builder().delay(Duration.ofMillis(50)).jitter(Duration.ZERO).build())
				.build())
			.startTimeout(LIMIT)
			.heartbeatTimeout(heartbeatTimeout)
			.build();
		for (Transport transport : Transport.values()) {
			ContextualEndpointFactory factory = (context) -> {
				InetSocketAddress address = this.addresses.getOrDefault(transport,
						new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
				Transport.Instance instance = transport.create(context, this.exchange, address);
				this.current.put(transport, instance);
				return instance.endpoint();
			};
			this.broker.registerEndpointFactory(transport.id(), factory, options);
		}
		this.broker.listenAndServe();
		for (Transport transport : Transport.values()) {
			awaitServing(transport, 1);
			this.addresses.put(transport,
					this.current.get(transport).listening().get(LIMIT.toSeconds(), TimeUnit.SECONDS));
		}
	}

	Exchange exchange() {
		return this.exchange;
	}

	Broker broker() {
		return this.broker;
	}

	InetSocketAddress address(Transport transport) {
		return this.addresses.get(transport);
	}

	Peer connect(Transport transport) throws Exception {
		Peer peer = transport.connect(address(transport));
		if (!peer.isOnline()) {
			throw new AssertionError("Not served");
		}
		return peer;
	}

	/**
	 * Connects a peer that provides a method.
	 */
	Peer provider(Transport transport, String method) throws Exception {
		Peer provider = connect(transport);
		provider.ask("\"r\"", "rpc.register", "[\"" + method + "\"]");
		String answer = provider.receive();
		if (!"{\"jsonrpc\":\"2.0\",\"id\":\"r\",\"result\":true}".equals(answer)) {
			throw new AssertionError("Not registered: " + answer);
		}
		return provider;
	}

	EndpointSnapshot state(Transport transport) {
		return this.broker.endpoint(transport.id());
	}

	void awaitServing(Transport transport, long incarnation) {
		Awaitility.await()
			.atMost(LIMIT)
			.until(() -> state(transport).state() == EndpointState.SERVING
					&& state(transport).incarnation() == incarnation);
	}

	@Override
	public void close() {
		this.broker.terminate();
		if (!this.broker.terminated().orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join().stuck().isEmpty()) {
			throw new AssertionError("Not closed: " + this.broker.endpoints());
		}
	}

}
