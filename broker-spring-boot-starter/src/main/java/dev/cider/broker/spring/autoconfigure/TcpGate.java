package dev.cider.broker.spring.autoconfigure;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;

import dev.cider.broker.EndpointGate;
import org.jspecify.annotations.Nullable;

/**
 * Open while a port accepts connections: connects and closes.
 */
final class TcpGate implements EndpointGate {

	private final String host;

	private final int port;

	private final Duration timeout;

	/**
	 * A gate at an address.
	 * @param address as {@code localhost:5432} or {@code [::1]:5432}
	 * @param timeout how long a connect may take
	 */
	TcpGate(String address, Duration timeout) {
		int colon = address.lastIndexOf(':');
		this.host = address.substring(0, colon);
		this.port = Integer.parseInt(address.substring(colon + 1));
		this.timeout = timeout;
	}

	@Override
	public @Nullable String shut() {
		// Resolved each time: the name may have another address by now.
		InetSocketAddress address = new InetSocketAddress(this.host, this.port);
		try (Socket socket = new Socket()) {
			if (address.isUnresolved()) {
				throw new UnknownHostException("unknown host " + this.host);
			}
			socket.connect(address, (int) Math.min(this.timeout.toMillis() + 1, Integer.MAX_VALUE));
			return null;
		}
		catch (IOException ex) {
			return "unreachable (" + ex.getMessage() + ")";
		}
	}

}
