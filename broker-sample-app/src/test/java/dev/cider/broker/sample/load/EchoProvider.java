package dev.cider.broker.sample.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Answers every request with its own params.
 */
final class EchoProvider {

	private final Wire wire;

	private final Thread thread = new Thread(this::serve, "echo-provider");

	private volatile boolean over;

	EchoProvider(Wire wire) {
		this.wire = wire;
		this.thread.start();
	}

	private void serve() {
		try (this.wire) {
			while (!this.over) {
				byte[] request = this.wire.receive();
				if (request != null) {
					answer(new String(request, StandardCharsets.US_ASCII));
				}
				if (!this.wire.hasMore()) {
					this.wire.flush();
				}
			}
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void answer(String request) throws IOException {
		int params = request.indexOf("\"params\":") + "\"params\":".length();
		this.wire.send(("{\"jsonrpc\":\"2.0\",\"id\":" + EchoCaller.id(request) + ",\"result\":"
				+ request.substring(params, request.length() - 1) + "}")
			.getBytes(StandardCharsets.US_ASCII));
	}

	void stop() throws InterruptedException {
		this.over = true;
		this.thread.join();
	}

}
