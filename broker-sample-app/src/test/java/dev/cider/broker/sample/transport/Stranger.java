package dev.cider.broker.sample.transport;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * Somebody on the port who keeps to no protocol. Reading gives up after ten seconds.
 */
class Stranger implements AutoCloseable {

	private static final int READ_TIMEOUT_MILLIS = 10_000;

	private final SocketChannel channel;

	Stranger(InetSocketAddress address) throws IOException {
		this.channel = SocketChannel.open(address);
		this.channel.socket().setSoTimeout(READ_TIMEOUT_MILLIS);
		this.channel.socket().setTcpNoDelay(true);
	}

	/**
	 * Sends what it is said to, unless the server has had enough of it.
	 * @return whether it could
	 */
	boolean write(byte... bytes) {
		try {
			ByteBuffer all = ByteBuffer.wrap(bytes);
			while (all.hasRemaining()) {
				this.channel.write(all);
			}
			return true;
		}
		catch (IOException ex) {
			return false;
		}
	}

	boolean write(String text) {
		return write(text.getBytes(StandardCharsets.UTF_8));
	}

	/**
	 * Sends what the server takes at once.
	 * @return how much that was; -1 if the server has closed the connection
	 */
	int push(ByteBuffer bytes) throws IOException {
		this.channel.configureBlocking(false);
		try {
			return this.channel.write(bytes);
		}
		catch (IOException ex) {
			return -1;
		}
	}

	/**
	 * All that comes until the server ends the connection, however it does.
	 */
	String readToEnd() throws IOException {
		return readUntil("an end that never comes");
	}

	/**
	 * All that comes until something does, or the server ends the connection.
	 */
	String readUntil(String last) throws IOException {
		ByteArrayOutputStream all = new ByteArrayOutputStream();
		String text = "";
		try {
			int next = 0;
			while (next >= 0 && !text.endsWith(last)) {
				next = this.channel.socket().getInputStream().read();
				if (next >= 0) {
					all.write(next);
					text = all.toString(StandardCharsets.ISO_8859_1);
				}
			}
		}
		catch (SocketException ex) {
			// Ended by a reset: there was more to read than the server cared for
		}
		return text;
	}

	@Override
	public void close() throws IOException {
		this.channel.close();
	}

}
