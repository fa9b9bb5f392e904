package dev.cider.broker.sample.transport;

import java.io.IOException;
import java.net.InetSocketAddress;

import dev.cider.broker.sample.tcp.LineClient;
import org.jspecify.annotations.Nullable;

/**
 * Speaks over a plain socket.
 */
class LinePeer implements Peer {

	private final LineClient client;

	LinePeer(InetSocketAddress address) throws Exception {
		this.client = new LineClient(address);
	}

	@Override
	public void send(String frame) throws Exception {
		this.client.write(frame + "\n");
	}

	@Override
	public @Nullable String receive() throws Exception {
		return this.client.read();
	}

	@Override
	public void vanish() throws Exception {
		this.client.reset();
	}

	@Override
	public void close() throws IOException {
		this.client.close();
	}

}
