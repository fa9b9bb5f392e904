package dev.cider.broker.sample.load;

import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import org.zeromq.ZMQ;

/**
 * Opens connections, and holds what they share.
 */
final class Clients implements AutoCloseable {

	private final Map<Carrier, InetSocketAddress> addresses;

	private final ExecutorService threads = Executors.newFixedThreadPool(2, (task) -> {
		Thread thread = new Thread(task, "load-http");
		thread.setDaemon(true);
		return thread;
	});

	private final HttpClient http = HttpClient.newBuilder()
		.executor(this.threads)
		.connectTimeout(Duration.ofSeconds(5))
		.build();

	private final ZMQ.Context zmq = ZMQ.context(1);

	Clients(Map<Carrier, InetSocketAddress> addresses) {
		this.addresses = addresses;
	}

	/**
	 * Opens a connection.
	 * @throws Exception if nobody listens
	 */
	Connection open(Carrier carrier, Ear ear) throws Exception {
		InetSocketAddress address = this.addresses.get(carrier);
		return switch (carrier) {
			case TCP -> new LineConnection(address, ear);
			case WEBSOCKET -> new TextConnection(this.http, address, ear);
			case ZEROMQ -> new DealerConnection(this.zmq, address, ear);
		};
	}

	HttpClient http() {
		return this.http;
	}

	/**
	 * To be called when all connections are over.
	 */
	@Override
	public void close() {
		this.zmq.term();
		this.threads.shutdown();
	}

}
