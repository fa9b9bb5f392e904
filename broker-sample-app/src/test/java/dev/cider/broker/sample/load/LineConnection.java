package dev.cider.broker.sample.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * Lines over a plain socket.
 */
final class LineConnection implements Connection {

	private static final int CONNECT_MILLIS = 5000;

	private final Socket socket = new Socket();

	private final Ear ear;

	LineConnection(InetSocketAddress address, Ear ear) throws IOException {
		this.ear = ear;
		try {
			this.socket.connect(address, CONNECT_MILLIS);
			this.socket.setTcpNoDelay(true);
		}
		catch (IOException ex) {
			this.socket.close();
			throw ex;
		}
		Thread reader = new Thread(this::read, "load-line");
		reader.setDaemon(true);
		reader.start();
	}

	private void read() {
		try (BufferedReader reader = new BufferedReader(
				new InputStreamReader(this.socket.getInputStream(), StandardCharsets.UTF_8))) {
			for (String line = reader.readLine(); line != null; line = reader.readLine()) {
				this.ear.heard(line);
			}
		}
		catch (IOException ex) {
			// It was cut, which is an end like any other
		}
		finally {
			this.ear.ended();
		}
	}

	@Override
	public void send(String frame) {
		byte[] line = (frame + "\n").getBytes(StandardCharsets.UTF_8);
		try {
			synchronized (this) {
				this.socket.getOutputStream().write(line);
			}
		}
		catch (IOException ex) {
			shut();
		}
	}

	@Override
	public void vanish() {
		try {
			this.socket.setSoLinger(true, 0);
		}
		catch (IOException ex) {
			// It is closed already
		}
		shut();
	}

	@Override
	public void close() {
		shut();
	}

	private void shut() {
		try {
			this.socket.close();
		}
		catch (IOException ex) {
			// Then the reader finds out
		}
	}

}
