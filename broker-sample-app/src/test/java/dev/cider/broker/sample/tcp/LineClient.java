package dev.cider.broker.sample.tcp;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

/**
 * A client with a plain socket. Reading gives up after ten seconds.
 */
public class LineClient implements AutoCloseable {

	private static final int READ_TIMEOUT_MILLIS = 10_000;

	private final Socket socket;

	private final BufferedReader reader;

	public LineClient(InetSocketAddress address) throws IOException {
		this.socket = new Socket(address.getAddress(), address.getPort());
		this.socket.setSoTimeout(READ_TIMEOUT_MILLIS);
		this.socket.setTcpNoDelay(true);
		this.reader = new BufferedReader(new InputStreamReader(this.socket.getInputStream(), StandardCharsets.UTF_8));
	}

	public LineClient write(String text) throws IOException {
		return write(text.getBytes(StandardCharsets.UTF_8));
	}

	public LineClient write(byte[] bytes) throws IOException {
		this.socket.getOutputStream().write(bytes);
		return this;
	}

	public LineClient ask(String id, String method, String params) throws IOException {
		return write(
				"{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":" + params + "}\n");
	}

	/**
	 * The next line.
	 * @return {@code null} if the server has closed the connection
	 */
	public @Nullable String read() throws IOException {
		return this.reader.readLine();
	}

	public void endOutput() throws IOException {
		this.socket.shutdownOutput();
	}

	public void reset() throws IOException {
		this.socket.setSoLinger(true, 0);
		this.socket.close();
	}

	public boolean isOnline() throws IOException {
		ask("\"online\"", "echo", "[]");
		return "{\"jsonrpc\":\"2.0\",\"id\":\"online\",\"result\":[]}".equals(read());
	}

	@Override
	public void close() throws IOException {
		this.socket.close();
	}

}
