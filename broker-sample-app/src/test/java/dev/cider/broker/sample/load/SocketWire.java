package dev.cider.broker.sample.load;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Arrays;

import org.jspecify.annotations.Nullable;

/**
 * A plain blocking socket.
 */
final class SocketWire implements Wire {

	private static final int BUFFER = 64 * 1024;

	private final Socket socket;

	private final Framing framing;

	private final ByteArrayOutputStream out = new ByteArrayOutputStream(BUFFER);

	private final byte[] in = new byte[BUFFER];

	private int position;

	private int limit;

	SocketWire(InetSocketAddress address, Framing framing) throws IOException {
		this.socket = new Socket(address.getAddress(), address.getPort());
		this.socket.setTcpNoDelay(true);
		this.socket.setSoTimeout(PATIENCE_MILLIS);
		this.framing = framing;
		framing.open(this);
	}

	@Override
	public void send(byte[] frame) {
		this.framing.write(frame, this.out);
	}

	@Override
	public void flush() throws IOException {
		this.out.writeTo(this.socket.getOutputStream());
		this.out.reset();
	}

	void sendRaw(byte[] bytes) throws IOException {
		this.socket.getOutputStream().write(bytes);
	}

	@Override
	public byte @Nullable [] receive() throws IOException {
		byte[] frame = this.framing.read(this);
		while (frame == null) {
			if (!fill()) {
				return null;
			}
			frame = this.framing.read(this);
		}
		return frame;
	}

	@Override
	public boolean hasMore() {
		return available() > 0;
	}

	/**
	 * Waits for bytes.
	 * @return whether some came
	 */
	boolean fill() throws IOException {
		System.arraycopy(this.in, this.position, this.in, 0, available());
		this.limit = available();
		this.position = 0;
		try {
			int count = this.socket.getInputStream().read(this.in, this.limit, this.in.length - this.limit);
			if (count < 0) {
				throw new EOFException("The server has closed the connection");
			}
			this.limit += count;
			return true;
		}
		catch (SocketTimeoutException ex) {
			return false;
		}
	}

	int available() {
		return this.limit - this.position;
	}

	byte peek(int offset) {
		return this.in[this.position + offset];
	}

	byte[] take(int length) {
		byte[] bytes = Arrays.copyOfRange(this.in, this.position, this.position + length);
		this.position += length;
		return bytes;
	}

	@Override
	public void close() throws IOException {
		this.socket.close();
	}

}
