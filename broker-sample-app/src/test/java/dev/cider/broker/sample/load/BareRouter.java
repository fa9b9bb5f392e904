package dev.cider.broker.sample.load;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

import org.zeromq.SocketType;
import org.zeromq.ZMQ;

/**
 * A plain JeroMQ ROUTER in a loop.
 */
final class BareRouter implements BareServer {

	private static final int HIGH_WATER_MARK = 256;

	private final ZMQ.Context zmq = ZMQ.context(1);

	private final ZMQ.Socket socket = this.zmq.socket(SocketType.ROUTER);

	private final InetSocketAddress address;

	private final Thread thread = new Thread(this::serve, "bare-router");

	private volatile boolean over;

	BareRouter() {
		this.socket.setHWM(HIGH_WATER_MARK);
		this.socket.setLinger(0);
		this.socket.setReceiveTimeOut(Wire.PATIENCE_MILLIS);
		int port = this.socket.bindToRandomPort("tcp://127.0.0.1", 10_000, 32_000);
		this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
		this.thread.start();
	}

	private void serve() {
		Map<String, byte[]> identities = new HashMap<>();
		Map<ByteBuffer, String> names = new HashMap<>();
		Map<ByteBuffer, byte[]> partners = new HashMap<>();
		while (!this.over) {
			byte[] identity = this.socket.recv();
			if (identity == null) {
				continue;
			}
			byte[] body = this.socket.recv();
			ByteBuffer key = ByteBuffer.wrap(identity);
			byte[] to = partners.getOrDefault(key, identity);
			if (body[0] == '@') {
				String name = new String(body, StandardCharsets.US_ASCII);
				names.put(key, name);
				identities.put(name, identity);
			}
			else if (names.containsKey(key)) {
				to = partners.computeIfAbsent(key, (sender) -> identities.get(BareServer.partner(names.get(sender))));
			}
			this.socket.send(to, ZMQ.SNDMORE);
			this.socket.send(body, 0);
		}
		this.socket.close();
	}

	@Override
	public InetSocketAddress address() {
		return this.address;
	}

	@Override
	public void stop() throws InterruptedException {
		this.over = true;
		this.thread.join();
		this.zmq.term();
	}

}
