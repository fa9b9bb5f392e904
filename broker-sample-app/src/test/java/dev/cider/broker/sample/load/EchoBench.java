package dev.cider.broker.sample.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.netty.channel.Channel;
import org.zeromq.ZMQ;

/**
 * The sample and the bare servers, side by side, and the same clients for both.
 */
final class EchoBench {

	private static final int CONNECTIONS = 2;

	private static final int WINDOW = 64;

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private final ZMQ.Context zmq = ZMQ.context(1);

	private final Map<String, Channel> names = new ConcurrentHashMap<>();

	private final Map<Carrier, BareServer> bare = new EnumMap<>(Carrier.class);

	private final RunningSample sample = new RunningSample();

	private final long nanos;

	private int pairs;

	EchoBench(long millis) throws InterruptedException {
		this.nanos = millis * 1_000_000;
		this.bare.put(Carrier.TCP, new BareNettyServer(false, this.names));
		this.bare.put(Carrier.WEBSOCKET, new BareNettyServer(true, this.names));
		this.bare.put(Carrier.ZEROMQ, new BareRouter());
	}

	Sampled measure(Lane lane, Variant variant) throws Exception {
		List<EchoProvider> providers = new ArrayList<>();
		List<Wire> wires = new ArrayList<>();
		List<EchoCaller> callers = new ArrayList<>();
		try {
			for (int i = 0; i < CONNECTIONS; i++) {
				String name = "@" + ++this.pairs;
				String method = variant.provided ? "bench" + this.pairs : "echo";
				if (variant.provided) {
					Wire wire = open(lane.provider(), variant);
					hello(wire, variant.bare ? name + "p" : "{\"jsonrpc\":\"2.0\",\"id\":0,"
							+ "\"method\":\"rpc.register\",\"params\":[\"" + method + "\"]}");
					providers.add(new EchoProvider(wire));
				}
				Wire wire = open(lane.caller(), variant);
				wires.add(wire);
				hello(wire, (variant.bare && variant.provided) ? name + "c"
						: "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"echo\",\"params\":[]}");
				callers.add(new EchoCaller(wire, method));
			}
			return Sampled.of(pipelined(callers), callers.get(0).oneByOne(this.nanos));
		}
		finally {
			for (Wire wire : wires) {
				wire.close();
			}
			for (EchoProvider provider : providers) {
				provider.stop();
			}
		}
	}

	private double pipelined(List<EchoCaller> callers) throws Exception {
		List<Future<Double>> results = new ArrayList<>();
		for (EchoCaller caller : callers) {
			results.add(this.threads.submit(() -> caller.pipelined(WINDOW, this.nanos)));
		}
		double sum = 0;
		for (Future<Double> result : results) {
			sum += result.get();
		}
		return sum;
	}

	private Wire open(Carrier carrier, Variant variant) throws IOException {
		InetSocketAddress address = variant.bare ? this.bare.get(carrier).address()
				: this.sample.addresses().get(carrier);
		return Wire.open(carrier, address, this.zmq);
	}

	private static void hello(Wire wire, String frame) throws IOException {
		wire.send(frame.getBytes(StandardCharsets.US_ASCII));
		wire.flush();
		for (int i = 0; i < 100; i++) {
			byte[] answer = wire.receive();
			if (answer != null) {
				if (new String(answer, StandardCharsets.US_ASCII).contains("\"error\"")) {
					throw new IOException("Not welcome: " + new String(answer, StandardCharsets.US_ASCII));
				}
				return;
			}
		}
		throw new IOException("No answer to " + frame);
	}

	void stop() throws Exception {
		this.threads.shutdown();
		this.zmq.term();
		for (BareServer server : this.bare.values()) {
			server.stop();
		}
		this.sample.close();
	}

}
